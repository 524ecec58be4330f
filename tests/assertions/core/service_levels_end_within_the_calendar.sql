{{ config(meta={'owner': 'workforce-management'}) }}

-- Queues whose service level is longer than their schedule is open in the time ahead of the calendar: what comes in
-- last would have no due time, and be left out of attainment without a word.
with ahead as (
    select
        pieces.schedule_id,
        sum(pieces.open_seconds) as open_seconds
    from {{ ref('int_schedule_pieces') }} as pieces
    inner join {{ ref('int_calendar') }} as calendar on pieces.piece_on > calendar.last_day
    group by pieces.schedule_id
)

select
    queues.queue_id,
    queues.schedule_id,
    queues.sla_seconds,
    ahead.open_seconds
from {{ ref('int_queue_versions') }} as queues
inner join ahead on queues.schedule_id = ahead.schedule_id
where queues.sla_seconds > ahead.open_seconds
