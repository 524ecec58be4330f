{{ config(materialized='incremental', incremental_strategy='append') }}

{%- set through = built_through() %}

with rolled_up as (
    {% for relation, day in [
        (ref('log_former_support_days'), 'event_on'),
        (ref('int_tickets_daily'), 'reporting_on'),
        (ref('int_ticket_duration_histogram'), 'reporting_on'),
    ] -%}
    select
        {{ day }} as event_on,
        'tickets' as cause
    from {{ relation }}
    where _batch > {{ through }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

changed_tickets as (
    select ticket_id from {{ ref('int_tickets') }}
    where _batch > {{ through }}
),

-- An answer counts on the day of asking, under what its ticket is now.
answered as (
    {% for name, id, day in [
        ('satisfaction_rating', 'id', reporting_day('created_at')),
        ('survey_responses', 'response_id', 'event_on'),
    ] -%}
    select
        {{ day }} as event_on,
        '{{ name }}' as cause
    from {{ landed_base('support', name) }}
    where
        {{ id }} in (
            select arrived.{{ id }} from {{ landed_base('support', name) }} as arrived
            where arrived._batch > {{ through }}
        )
        or ticket_id in (select changed_tickets.ticket_id from changed_tickets)
    {{ 'union all' if not loop.last }}
    {% endfor -%}
),

affected as (
    select * from rolled_up
    union all
    select * from answered
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from affected
where event_on is not null
