{{ config(meta={'owner': 'workforce-management'}) }}

-- Schedules that are named and do not open, in a seed or by what landed: what should be due by them would never be.
-- Those of a queue must be in force for as long as the queue names them.
select
    queues.queue_id as named_by,
    queues.schedule_id
from {{ ref('int_queue_versions') }} as queues
anti join {{ ref('int_schedule_openings') }} as openings
    on queues.schedule_id = openings.schedule_id and queues.valid_to <= openings.valid_until_at
where queues.schedule_id is not null
{% if var('support_schedule_id') -%}
union all
select
    'support_schedule_id',
    named.schedule_id
from (select {{ literal(var('support_schedule_id')) }} as schedule_id) as named
anti join {{ ref('int_schedule_openings') }} as openings on named.schedule_id = openings.schedule_id
{%- endif %}
