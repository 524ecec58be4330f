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
    select
        {{ reporting_day('created_at') }} as event_on,
        'satisfaction_rating' as cause
    from {{ ref('base_support__satisfaction_rating') }}
    where
        id in (
            select arrived.id from {{ ref('base_support__satisfaction_rating') }} as arrived
            where arrived._batch > {{ through }}
        )
        or ticket_id in (select changed_tickets.ticket_id from changed_tickets)
    union all
    select
        event_on,
        'survey_responses' as cause
    from {{ ref('base_support__survey_responses') }}
    where
        response_id in (
            select arrived.response_id from {{ ref('base_support__survey_responses') }} as arrived
            where arrived._batch > {{ through }}
        )
        or ticket_id in (select changed_tickets.ticket_id from changed_tickets)
),

touched as (
    select * from rolled_up
    union all
    select * from answered
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from touched
where event_on is not null
