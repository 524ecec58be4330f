-- Over 120 lines: one fact: a ticket with its replies, its hours and its group.
{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- One row per ticket that is known or has events. A ticket is reopened when a solved one is open again.
-- depends_on: {{ landed_base('support', 'ticket') }}
{%- set among = 'in (select affected_tickets.ticket_id from affected_tickets)' %}
{#- The schedule in whose hours the support clock runs; where none is set, there is no business time. #}
{%- set schedule = literal(var('support_schedule_id')) if var('support_schedule_id') else 'cast(null as varchar)' %}
{%- set affected = in_affected_days(ref('affected_ticket_days')) %}

with
{% if is_incremental() %}
-- A ticket that is not known stands under the day of its first event.
affected_tickets as (
    select id as ticket_id
    from {{ landed_base('support', 'ticket') }}
    where {{ affected }}
    union
    select ticket_id
    from {{ ref('int_ticket_events') }}
    where {{ affected }}
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
        min(event_on) as first_event_on,
        min(happened_at) as first_event_at
    from ticket_events
    group by ticket_id
),

-- Whoever was an agent when they wrote, whatever they are now.
agents as (
    select * from {{ ref('int_user_versions') }}
    where role in ('agent', 'admin')
),

replies as (
    select
        comments.ticket_id,
        count(*) as agent_replies,
        min(comments.created_at) as first_replied_at
    from (
        {{ staged_among('support', 'ticket_comment', 'ticket_id ' ~ among if is_incremental() else 'true') }}
    ) as comments
    semi join agents on comments.user_id = agents.user_id and {{ in_force_at('agents', 'comments.created_at') }}
    inner join tickets on comments.ticket_id = tickets.id
    -- The comment that opens a ticket is its description, also where an agent writes it for somebody.
    where comments.is_public and comments.created_at > tickets.created_at
    group by comments.ticket_id
),

joined as (
    select
        coalesce(tickets.id, events.ticket_id) as ticket_id,
        coalesce(tickets.status, '(unmapped)') as status,
        coalesce(tickets.priority, '(none)') as priority,
        coalesce(tickets.via_channel, '(none)') as channel,
        coalesce(tickets.group_id, '(none)') as group_id,
        case
            when tickets.group_id is null then '(none)' else coalesce(groups.group_name, '(unmapped)')
        end as group_name,
        coalesce(events.events, 0) as events,
        coalesce(journeys.reopens, 0) as reopens,
        events.reported_reopens,
        coalesce(replies.agent_replies, 0) as agent_replies,
        tickets.id is not null as is_known,
        coalesce(events.first_event_at < tickets.created_at, false) as has_events_before_creation,
        tickets.created_at,
        replies.first_replied_at,
        journeys.first_solved_at,
        journeys.last_solved_at,
        coalesce(tickets.event_on, events.first_event_on) as event_on
    from tickets
    full outer join events on tickets.id = events.ticket_id
    left join {{ ref('int_group_versions') }} as groups
        on tickets.group_id = groups.group_id and {{ in_force_at('groups', 'tickets.created_at') }}
    left join journeys on coalesce(tickets.id, events.ticket_id) = journeys.ticket_id
    left join replies on coalesce(tickets.id, events.ticket_id) = replies.ticket_id
),

final as (
    select
        joined.ticket_id,
        joined.status,
        joined.priority,
        joined.channel,
        joined.group_id,
        joined.group_name,
        joined.events,
        joined.reopens,
        joined.reported_reopens,
        joined.agent_replies,
        {%- for name, instant in [('first_reply', 'first_replied_at'), ('full_resolution', 'last_solved_at')] %}
        -- What came before its ticket took no time that anybody knows.
        case
            when joined.{{ instant }} >= joined.created_at
                then cast({{ seconds_between('joined.created_at', 'joined.' ~ instant) }} as decimal(18, 3))
        end as {{ name }}_seconds,
        case
            when joined.{{ instant }} >= joined.created_at
                then cast(
                    {{ business_seconds(schedule, 'opened', 'joined.created_at', name, 'joined.' ~ instant) }}
                    as decimal(18, 3)
                )
        end as {{ name }}_business_seconds,
        {%- endfor %}
        joined.is_known,
        joined.has_events_before_creation,
        joined.created_at,
        joined.first_replied_at,
        joined.first_solved_at,
        joined.last_solved_at,
        {{ reporting_day('joined.first_replied_at') }} as first_replied_on,
        {{ reporting_day('joined.last_solved_at') }} as last_solved_on,
        joined.event_on
    from joined
    {{ schedule_join('opened', schedule, 'joined.created_at') }}
    {{ schedule_join('first_reply', schedule, 'joined.first_replied_at') }}
    {{ schedule_join('full_resolution', schedule, 'joined.last_solved_at') }}
)

select
    *,
    case
        when
            (first_reply_seconds is not null and first_reply_business_seconds is null)
            or (full_resolution_seconds is not null and full_resolution_business_seconds is null)
            then {{ why_no_business_time() }}
    end as no_business_time_reason,
    {{ batch() }} as _batch
from final
where {{ affected }}
