{{ config(materialized='table') }}

-- Who left, and the mean headcount, of each month and of the twelve months that end with it. A closed team keeps its
-- rows until its last leaver is a year past, so that teams add up to their site. Small, so rebuilt in each run.
with days as (
    select
        first_day,
        cast({{ days_between('first_day', 'last_day - 1') }} as date) as reporting_on
    from {{ ref('int_calendar') }}
),

months as (
    select
        cast(date_trunc('month', reporting_on) as date) as month_starting_on,
        count(*) as days,
        min(first_day) as first_day
    from days
    group by month_starting_on
),

windows as (
    select
        month_starting_on,
        days,
        sum(days) over (order by month_starting_on rows between 11 preceding and current row) as window_days,
        {{ plus_months('month_starting_on', -11) }} as window_starts_on,
        {{ plus_months('month_starting_on', -11) }} >= first_day as is_window_known
    from months
),

rostered as (
    select
        site_id,
        vendor_id,
        team_id,
        cast(date_trunc('month', reporting_on) as date) as month_starting_on,
        sum(headcount) as headcount_days,
        sum(leavers) as leavers,
        {{ union_of_people('people_bits') }} as people_bits
    from {{ ref('int_headcount_daily') }}
    group by site_id, vendor_id, team_id, month_starting_on
),

summed as (
    select
        rostered.site_id,
        rostered.vendor_id,
        rostered.team_id,
        windows.month_starting_on,
        windows.days,
        windows.window_days,
        windows.is_window_known,
        {%- set own = 'rostered.month_starting_on = windows.month_starting_on' %}
        sum(case when {{ own }} then rostered.leavers else 0 end) as leavers,
        sum(case when {{ own }} then rostered.headcount_days else 0 end) as headcount_days,
        {{ union_of_people('case when ' ~ own ~ ' then rostered.people_bits end') }} as people_bits,
        sum(rostered.leavers) as leavers_of_twelve_months,
        sum(rostered.headcount_days) as window_headcount_days
    from windows
    inner join rostered
        on rostered.month_starting_on between windows.window_starts_on and windows.month_starting_on
    group by
        rostered.site_id, rostered.vendor_id, rostered.team_id, windows.month_starting_on, windows.days,
        windows.window_days, windows.is_window_known
)

select
    site_id,
    vendor_id,
    team_id,
    cast(leavers as bigint) as leavers,
    cast(cast(headcount_days as double) / days as decimal(38, 12)) as mean_headcount,
    cast(leavers_of_twelve_months as bigint) as leavers_of_twelve_months,
    cast(cast(window_headcount_days as double) / window_days as decimal(38, 12)) as mean_headcount_of_twelve_months,
    people_bits,
    is_window_known,
    month_starting_on
from summed
