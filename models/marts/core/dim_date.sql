{{ config(materialized='table') }}

with days as (
    select cast({{ days_between('first_day', 'last_day') }} as date) as calendar_on from {{ ref('int_calendar') }}
)

select
    calendar_on,
    cast(date_trunc('week', calendar_on) as date) as week_starting_on,
    cast(date_trunc('month', calendar_on) as date) as month_starting_on,
    cast(date_trunc('quarter', calendar_on) as date) as quarter_starting_on,
    cast({{ iso_weekday('calendar_on') }} as bigint) as iso_weekday,
    {{ iso_weekday('calendar_on') }} in (6, 7) as is_weekend
from days
