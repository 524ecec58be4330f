{{ config(materialized='incremental', incremental_strategy='append') }}

-- The first run reads less, but dbt draws its graph from that one:
-- depends_on: {{ landed_base('support', 'group') }}
-- depends_on: {{ landed_base('support', 'schedule') }}
-- depends_on: {{ landed_base('support', 'schedule_holiday') }}
-- depends_on: {{ landed_base('support', 'user') }}
-- depends_on: {{ ref('log_references') }}
-- depends_on: {{ landed_log('support', 'ticket') }}
-- depends_on: {{ landed_log('support', 'ticket_comment') }}
-- depends_on: {{ landed_log('support', 'ticket_field_history') }}

{%- set through = built_through() %}
{%- set stored_tickets = former('int_tickets') %}
{%- set hours_arrived = var('support_schedule_id') and stored_tickets and any_arrived([
    landed_base('support', 'schedule'), landed_base('support', 'schedule_holiday'),
], through) %}

with changed_tickets as (
    select id as ticket_id from {{ landed_base('support', 'ticket') }}
    where _batch > {{ through }}
    union
    select ticket_id from {{ landed_base('support', 'ticket_field_history') }}
    where _batch > {{ through }}
    union
    select ticket_id from {{ landed_base('support', 'ticket_comment') }}
    where _batch > {{ through }}
    {%- if is_incremental() %}
    union
    select ticket_id from {{ landed_log('support', 'ticket_comment') }}
    where _batch > {{ through }}
    {%- if any_arrived([landed_base('support', 'user')], through) %}
    union
    -- A comment is a reply where its author was an agent.
    select ticket_id from ({{ tickets_with_other_replies(through) }}) as comments
    {%- endif %}
    {%- if any_arrived([landed_base('support', 'group')], through) %}
    union
    select ticket_id from ({{ tickets_with_other_group_names(through) }}) as tickets
    {%- endif %}
    {%- endif %}
),

-- A ticket is counted under the day on which it was opened; the days of its events stand in while it is not known.
affected as (
    select
        event_on,
        'tickets' as cause
    from {{ landed_base('support', 'ticket') }}
    where _problems is null and id in (select ticket_id from changed_tickets)
    union all
    select
        event_on,
        'ticket_field_history' as cause
    from {{ landed_base('support', 'ticket_field_history') }}
    where _problems is null and ticket_id in (select ticket_id from changed_tickets)
    {%- if is_incremental() %}
    union all
    {%- if hours_arrived %}
    -- Tickets that were waiting while the support schedule opened otherwise.
    select
        tickets.event_on,
        'schedules' as cause
    from {{ stored_tickets }} as tickets
    inner join ({{ changed_hours(through) }}) as changed
        on
            changed.schedule_id = {{ literal(var('support_schedule_id')) }}
            and tickets.created_at < changed.to_at
            and greatest(tickets.first_replied_at, tickets.last_solved_at) >= changed.from_at
    union all
    {%- endif %}
    {{ changed_reference_days(landed_log('support', 'ticket'), through, without=['root_causes', 'wellness_limits']) }}
    union all
    {{ changed_reference_days(landed_log('support', 'ticket_field_history'), through, without=['root_causes', 'wellness_limits']) }}
    {%- endif %}
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from affected
where event_on is not null
