-- By the day of asking, whenever a rating last changed.
with placed as (
    select
        asked.instrument,
        coalesce(tickets.group_id, '(none)') as group_id,
        coalesce(tickets.channel, '(none)') as channel,
        coalesce(tickets.priority, '(none)') as priority,
        asked.is_answered,
        asked.is_satisfied,
        asked.is_headline,
        asked.event_on
    from {{ ref('int_satisfaction_requests') }} as asked
    left join {{ ref('int_tickets') }} as tickets on asked.ticket_id = tickets.ticket_id
)

select
    instrument,
    group_id,
    channel,
    priority,
    count(*) as satisfaction_asked,
    count(*) filter (where is_answered) as satisfaction_answered,
    count(*) filter (where is_answered and is_satisfied) as satisfied_answers,
    is_headline,
    event_on as reporting_on
from placed
group by instrument, is_headline, group_id, channel, priority, event_on
