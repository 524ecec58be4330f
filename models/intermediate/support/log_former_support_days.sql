{{ config(materialized='incremental', incremental_strategy='append') }}

-- What changes a ticket may take it away from the day it was replied to or solved on. Those days are read from the
-- roll-ups as the last run left them; they are overwritten after this model, which `require_caught_up` in them sees to,
-- so there is no `ref` to them here.
{%- set tickets_daily = former('int_tickets_daily') %}
{%- set histogram = former('int_ticket_duration_histogram') %}

with touched as (
    select event_on
    from {{ ref('touched_ticket_days') }}
    where _batch > {{ built_through() }}
),

left_days as (
    select event_on from touched
    {% for roll_up in [tickets_daily, histogram] if roll_up %}
    union all
    select reporting_on
    from {{ roll_up }}
    where {{ in_touched_days(ref('touched_ticket_days')) }}
    {% endfor %}
)

select distinct
    event_on,
    {{ batch() }} as _batch
from left_days
where event_on is not null
