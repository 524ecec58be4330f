{{ config(materialized='table') }}

{%- set months = [
    'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November',
    'December',
] %}
{%- set weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] %}
{#- A fiscal year has the name of the calendar year that it ends in. #}
{%- set to_fiscal = (13 - var('fiscal_year_starts_in')) % 12 %}

-- The contract refuses events before 1990. Periods, windows and last year's days may begin a year before an event, and
-- windows may end a year after it.
with calendar as (
    select
        first_day,
        last_day,
        date '1989-01-01' as first_on,
        cast({{ plus_months("date_trunc('year', last_day)", 24) }} as date) - 1 as last_on,
        cast(date_trunc('week', last_day) as date) - 7 as last_week,
        cast({{ plus_months("date_trunc('month', last_day)", -1) }} as date) as last_month,
        {{ later_period("'quarter'", period_start("'quarter'", 'last_day'), -1) }} as last_quarter
    from {{ ref('int_calendar') }}
),

days as (
    select cast({{ days_between('first_on', 'last_on') }} as date) as calendar_on from calendar
),

-- An ISO week belongs to the year of its Thursday.
placed as (
    select
        calendar_on,
        cast(date_trunc('week', calendar_on) as date) as week_starting_on,
        cast(date_trunc('week', calendar_on) as date) + 3 as thursday_on,
        cast(date_trunc('month', calendar_on) as date) as month_starting_on,
        cast(date_trunc('quarter', calendar_on) as date) as quarter_starting_on,
        {{ period_start("'quarter'", 'calendar_on') }} as fiscal_quarter_starting_on,
        cast({{ plus_months('calendar_on', to_fiscal) }} as date) as fiscal_on,
        cast({{ iso_weekday('calendar_on') }} as bigint) as iso_weekday
    from days
),

numbered as (
    select
        *,
        cast(extract(year from calendar_on) as bigint) as calendar_year,
        cast(extract(month from calendar_on) as bigint) as month_of_year,
        cast(extract(year from thursday_on) as bigint) as iso_year,
        cast(floor((extract(doy from thursday_on) + 6) / 7.0) as bigint) as iso_week,
        cast(extract(year from fiscal_on) as bigint) as fiscal_year,
        cast(extract(quarter from fiscal_on) as bigint) as fiscal_quarter
    from placed
)

select
    numbered.calendar_on,
    numbered.week_starting_on,
    numbered.month_starting_on,
    numbered.quarter_starting_on,
    numbered.fiscal_quarter_starting_on,
    numbered.iso_year,
    numbered.iso_week,
    numbered.iso_weekday,
    numbered.calendar_year,
    numbered.month_of_year,
    numbered.fiscal_year,
    numbered.fiscal_quarter,
    numbered.iso_year || '-W' || lpad(cast(numbered.iso_week as varchar), 2, '0') as week_label,
    numbered.calendar_year || '-' || lpad(cast(numbered.month_of_year as varchar), 2, '0') as month_label,
    numbered.calendar_year || '-Q' || cast(floor((numbered.month_of_year + 2) / 3.0) as bigint) as quarter_label,
    'FY' || numbered.fiscal_year || '-Q' || numbered.fiscal_quarter as fiscal_quarter_label,
    case numbered.month_of_year
        {%- for month in months %}
        when {{ loop.index }} then '{{ month }}'
        {%- endfor %}
    end as month_name,
    case numbered.iso_weekday
        {%- for weekday in weekdays %}
        when {{ loop.index }} then '{{ weekday }}'
        {%- endfor %}
    end as weekday_name,
    numbered.iso_weekday in (6, 7) as is_weekend,
    numbered.calendar_on < calendar.last_day as is_over,
    numbered.calendar_on >= calendar.first_day and numbered.calendar_on < calendar.last_day as is_reported,
    numbered.week_starting_on = calendar.last_week as is_last_complete_week,
    numbered.month_starting_on = calendar.last_month as is_last_complete_month,
    numbered.fiscal_quarter_starting_on = calendar.last_quarter as is_last_complete_fiscal_quarter
from numbered
cross join calendar
