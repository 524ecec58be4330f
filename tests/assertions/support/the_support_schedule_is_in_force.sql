{{ config(severity='warn', meta={'owner': 'support-insights'}) }}

-- When the support schedule ended: the tool has deleted its last opening, and tickets have no business time since. Name
-- another in support_schedule_id.
select
    schedule_id,
    max(valid_until_at) as ended_at
from {{ ref('int_schedule_openings') }}
where schedule_id = {{ literal(var('support_schedule_id')) }}
group by schedule_id
having max(valid_until_at) < {{ end_of_time() }}
