{{ config(materialized='table') }}

-- When each day begins and ends at a site, in UTC: a shift belongs to the day of the site, which lies in two of UTC.
with calendar as (
    select
        first_day - 2 as first_day,
        last_event_day + 2 as last_day
    from {{ ref('int_calendar') }}
),

days as (
    select cast({{ days_between('first_day', 'last_day') }} as date) as shift_on from calendar
)

select
    sites.site_id,
    days.shift_on,
    {{ utc_instant('cast(days.shift_on as timestamp)', 'sites.time_zone') }} as begins_at,
    {{ utc_instant('cast(days.shift_on + 1 as timestamp)', 'sites.time_zone') }} as ends_at
from {{ ref('sites') }} as sites
cross join days
