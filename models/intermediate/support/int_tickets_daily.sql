{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

{{ require_caught_up(ref('log_former_support_days'), ref('affected_ticket_days')) }}

-- Kept under the day on which the ticket was opened (event_on); reporting_on is the day of what is counted.
with tickets as (
    select * from {{ ref('int_tickets') }}
    where {{ in_affected_days(ref('affected_ticket_days')) }}
),

opened as (
    select
        group_id,
        channel,
        priority,
        event_on,
        event_on as reporting_on,
        count(*) as tickets_created,
        max(reported_reopens) as most_reported_reopens
    from tickets
    where is_known
    group by group_id, channel, priority, event_on
),

-- By the day of the first solution, so that a reopening counts against the solution that did not hold.
solved as (
    select
        group_id,
        channel,
        priority,
        event_on,
        {{ reporting_day('first_solved_at') }} as reporting_on,
        count(*) as tickets_solved,
        count(*) filter (where reopens > 0) as tickets_reopened,
        count(*) filter (where agent_replies > 0) as solved_with_replies,
        count(*) filter (where agent_replies = 1) as one_touch_tickets
    from tickets
    where first_solved_at is not null
    group by group_id, channel, priority, event_on, {{ reporting_day('first_solved_at') }}
),

moved as (
    select
        tickets.group_id,
        tickets.channel,
        tickets.priority,
        tickets.event_on,
        events.event_on as reporting_on,
        count(*) as ticket_events,
        count(events.made_sla) as events_with_sla,
        count(*) filter (where events.made_sla = 'true') as events_made_sla
    from tickets
    inner join {{ ref('int_ticket_events') }} as events on tickets.ticket_id = events.ticket_id
    group by tickets.group_id, tickets.channel, tickets.priority, tickets.event_on, events.event_on
),

cells as (
    select
        group_id,
        channel,
        priority,
        event_on,
        reporting_on
    from opened
    union
    select
        group_id,
        channel,
        priority,
        event_on,
        reporting_on
    from solved
    union
    select
        group_id,
        channel,
        priority,
        event_on,
        reporting_on
    from moved
)

select
    group_id,
    channel,
    priority,
    coalesce(opened.tickets_created, 0) as tickets_created,
    coalesce(solved.tickets_solved, 0) as tickets_solved,
    coalesce(solved.tickets_reopened, 0) as tickets_reopened,
    coalesce(solved.solved_with_replies, 0) as solved_with_replies,
    coalesce(solved.one_touch_tickets, 0) as one_touch_tickets,
    opened.most_reported_reopens,
    coalesce(moved.ticket_events, 0) as ticket_events,
    coalesce(moved.events_with_sla, 0) as events_with_sla,
    coalesce(moved.events_made_sla, 0) as events_made_sla,
    event_on,
    reporting_on,
    {{ batch() }} as _batch
from cells
left join opened using (group_id, channel, priority, event_on, reporting_on)
left join solved using (group_id, channel, priority, event_on, reporting_on)
left join moved using (group_id, channel, priority, event_on, reporting_on)
