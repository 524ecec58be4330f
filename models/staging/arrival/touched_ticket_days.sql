{{ config(materialized='incremental', incremental_strategy='append') }}

-- The first run reads less, but dbt draws its graph from that one:
-- depends_on: {{ ref('base_support__schedule') }}
-- depends_on: {{ ref('base_support__schedule_holiday') }}
-- depends_on: {{ ref('base_support__user') }}
-- depends_on: {{ ref('log_references') }}
-- depends_on: {{ ref('log_support__ticket') }}
-- depends_on: {{ ref('log_support__ticket_comment') }}
-- depends_on: {{ ref('log_support__ticket_field_history') }}

{%- set through = built_through() %}

with changed_tickets as (
    select id as ticket_id from {{ ref('base_support__ticket') }}
    where _batch > {{ through }}
    union
    select ticket_id from {{ ref('base_support__ticket_field_history') }}
    where _batch > {{ through }}
    union
    select ticket_id from {{ ref('base_support__ticket_comment') }}
    where _batch > {{ through }}
    {%- if is_incremental() %}
    union
    select ticket_id from {{ ref('log_support__ticket_comment') }}
    where _batch > {{ through }}
    union
    -- Who is an agent decides what is a reply.
    select comments.ticket_id
    from {{ ref('base_support__ticket_comment') }} as comments
    semi join (
        select id from {{ ref('base_support__user') }}
        where _batch > {{ through }}
    ) as users on comments.user_id = users.id
    {%- endif %}
),

{%- if is_incremental() %}

-- Another schedule is another clock for every ticket.
changed_schedules as (
    select id from {{ ref('base_support__schedule') }}
    where _batch > {{ through }}
    union all
    select id from {{ ref('base_support__schedule_holiday') }}
    where _batch > {{ through }}
),
{%- endif %}

-- A ticket is counted under the day on which it was opened; the days of its events stand in while it is not known.
touched as (
    select
        event_on,
        'tickets' as cause
    from {{ ref('base_support__ticket') }}
    where _problems is null and id in (select ticket_id from changed_tickets)
    union all
    select
        event_on,
        'ticket_field_history' as cause
    from {{ ref('base_support__ticket_field_history') }}
    where _problems is null and ticket_id in (select ticket_id from changed_tickets)
    {%- if is_incremental() %}
    union all
    select
        event_on,
        'schedules' as cause
    from {{ ref('log_support__ticket') }}
    where exists (select 1 from changed_schedules)
    union all
    {{ changed_reference_days(ref('log_support__ticket'), through, without=['root_causes', 'wellness_limits']) }}
    union all
    {{ changed_reference_days(ref('log_support__ticket_field_history'), through, without=['root_causes', 'wellness_limits']) }}
    {%- endif %}
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from touched
where event_on is not null
