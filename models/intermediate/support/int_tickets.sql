{{ config(materialized='incremental', incremental_strategy='touched_days') }}

-- One row per ticket that is known or has events. A ticket is reopened when a solved one is open again.
-- depends_on: {{ ref('base_support__ticket') }}
{%- set among = 'in (select touched_tickets.ticket_id from touched_tickets)' %}
{%- set touched = in_touched_days(ref('touched_ticket_days')) %}

with
{% if is_incremental() %}
-- A ticket that is not known stands under the day of its first event.
touched_tickets as (
    select id as ticket_id
    from {{ ref('base_support__ticket') }}
    where {{ touched }}
    union
    select ticket_id
    from {{ ref('int_ticket_events') }}
    where {{ touched }}
),
{% endif %}

tickets as (
    {{ staged_among('support', 'ticket', 'id ' ~ among if is_incremental() else 'true') }}
),

ticket_events as (
    select * from {{ ref('int_ticket_events') }}
    {%- if is_incremental() %}
    where ticket_id {{ among }}
    {%- endif %}
),

status_changes as (
    select
        ticket_id,
        event_id,
        status,
        lag(status) over (partition by ticket_id order by happened_at, event_id) as earlier_status,
        happened_at
    from ticket_events
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
    from ticket_events
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

select
    *,
    {{ batch() }} as _batch
from final
where {{ touched }}
