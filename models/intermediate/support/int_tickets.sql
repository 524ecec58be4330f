-- One row per ticket that is known or has events. A ticket is reopened when a solved one is open again.
with tickets as (
    select * from {{ ref('stg_support__ticket') }}
),

status_changes as (
    select
        ticket_id,
        event_id,
        status,
        lag(status) over (partition by ticket_id order by happened_at, event_id) as earlier_status,
        happened_at
    from {{ ref('int_ticket_events') }}
    where status is not null
),

journeys as (
    select
        ticket_id,
        min(happened_at) filter (where status in ('solved', 'closed')) as first_solved_at,
        max(happened_at) filter (
            where status in ('solved', 'closed') and coalesce(earlier_status, 'new') not in ('solved', 'closed')
        ) as last_solved_at,
        count(*) filter (
            where status not in ('solved', 'closed', 'deleted') and earlier_status in ('solved', 'closed')
        ) as reopens
    from status_changes
    group by ticket_id
),

events as (
    select
        ticket_id,
        count(*) as events,
        max(reported_reopens) as reported_reopens,
        min(event_on) as first_event_on
    from {{ ref('int_ticket_events') }}
    group by ticket_id
),

final as (
    select
        coalesce(tickets.id, events.ticket_id) as ticket_id,
        coalesce(tickets.status, '(unmapped)') as status,
        coalesce(tickets.priority, '(none)') as priority,
        coalesce(tickets.via_channel, '(none)') as channel,
        coalesce(tickets.group_id, '(none)') as group_id,
        coalesce(events.events, 0) as events,
        coalesce(journeys.reopens, 0) as reopens,
        events.reported_reopens,
        tickets.id is not null as is_known,
        tickets.created_at,
        journeys.first_solved_at,
        journeys.last_solved_at,
        coalesce(tickets.event_on, events.first_event_on) as event_on
    from tickets
    full outer join events on tickets.id = events.ticket_id
    left join journeys on coalesce(tickets.id, events.ticket_id) = journeys.ticket_id
)

select * from final
