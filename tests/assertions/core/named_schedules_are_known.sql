{{ config(meta={'owner': 'workforce-management'}) }}

-- Schedules that are named and do not open: what should be due by them would never be. A queue names one of the seed,
-- since days of tasks are built anew when that changes; `support_schedule_id` may name one that landed, too.
select
    queues.queue_id as named_by,
    queues.schedule_id
from {{ ref('int_queue_versions') }} as queues
anti join {{ ref('schedules') }} as schedules on queues.schedule_id = schedules.schedule_id
where queues.schedule_id is not null
{% if var('support_schedule_id') -%}
union all
select
    'support_schedule_id',
    named.schedule_id
from (select {{ literal(var('support_schedule_id')) }} as schedule_id) as named
anti join {{ ref('int_schedule_openings') }} as openings on named.schedule_id = openings.schedule_id
{%- endif %}
