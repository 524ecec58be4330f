{{ config(meta={'owner': 'workforce-management'}) }}

-- Schedules that are named and do not serve: what should be due by them would never be, and be left out of attainment
-- without a word.
with ahead as (
    select
        pieces.schedule_id,
        sum(pieces.open_seconds) as open_seconds
    from {{ ref('int_schedule_pieces') }} as pieces
    inner join {{ ref('int_calendar') }} as calendar on pieces.piece_on > calendar.last_day
    group by pieces.schedule_id
)

-- One that does not open, in a seed or by what landed, for as long as a queue names it.
select
    queues.queue_id as named_by,
    queues.schedule_id,
    'does not open while it is named' as problem
from {{ ref('int_queue_versions') }} as queues
anti join {{ ref('int_schedule_openings') }} as openings
    on queues.schedule_id = openings.schedule_id and queues.valid_to <= openings.valid_until_at
where queues.schedule_id is not null
union all
-- A service level that is longer than the schedule is open in the time ahead of the calendar.
select
    queues.queue_id,
    queues.schedule_id,
    'is open for ' || cast(ahead.open_seconds as varchar) || ' seconds ahead, less than the service level'
from {{ ref('int_queue_versions') }} as queues
inner join ahead on queues.schedule_id = ahead.schedule_id
where queues.sla_seconds > ahead.open_seconds
{% if var('support_schedule_id') -%}
union all
select
    'support_schedule_id',
    named.schedule_id,
    'never opens'
from (select {{ literal(var('support_schedule_id')) }} as schedule_id) as named
anti join {{ ref('int_schedule_openings') }} as openings on named.schedule_id = openings.schedule_id
{%- endif %}
