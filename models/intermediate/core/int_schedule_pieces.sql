{{ config(materialized='table') }}

-- Time of each schedule cut at openings, closings and UTC midnights, with the open seconds before each piece: how long
-- a schedule was open between two instants is then the difference of two positions, whatever lies between them.
-- A year ahead of what landed, for what is due later.
with calendar as (
    select
        first_day - 8 as first_day,
        last_event_day + 400 as last_day
    from {{ ref('int_calendar') }}
),

days as (
    select cast({{ days_between('first_day', 'last_day') }} as date) as local_on from calendar
),

-- Of each zone how long a day is there.
zone_days as (
    select
        days.local_on,
        zones.time_zone,
        {{ utc_instant('cast(days.local_on as timestamp)', 'zones.time_zone') }} as begins_at,
        {{ utc_instant('cast(days.local_on + 1 as timestamp)', 'zones.time_zone') }} as ends_at
    from days
    cross join (select distinct time_zone from {{ ref('int_schedule_openings') }}) as zones
),

-- Clocks change on a day, or where midnight comes twice on the one before it.
changing_days as (
    select
        *,
        has_other_length
        or lag(has_other_length, 1, false) over (partition by time_zone order by local_on) as is_changing
    from (
        select
            *,
            {{ plus_seconds('begins_at', 86400) }} <> ends_at as has_other_length
        from zone_days
    ) as measured_days
),

open_days as (
    select
        schedules.*,
        days.local_on,
        days.begins_at,
        days.is_changing
    from {{ ref('int_schedule_openings') }} as schedules
    inner join changing_days as days
        on
            schedules.time_zone = days.time_zone
            and {{ iso_weekday('days.local_on') }} = schedules.iso_weekday
    anti join {{ ref('int_schedule_holidays') }} as holidays
        on schedules.schedule_id = holidays.schedule_id and days.local_on = holidays.holiday_on
),

-- Where clocks change, a reading may come twice or not at all: such a day is open in each minute in which the clock on
-- the wall reads so. Looked for from three hours before its midnight to five after the next, since that may move, too.
minutes as (
    select
        *,
        {{ plus_seconds('begins_at', 'minute * 60') }} as minute_at
    from (
        select
            *,
            {{ numbers_between(-180, 1740) }} as minute
        from open_days
        where is_changing
    ) as numbered
),

openings as (
    select
        schedule_id,
        {{ utc_instant(seconds_after('local_on', 'opens_at_second'), 'time_zone') }} as opens_at,
        {{ utc_instant(seconds_after('local_on', 'closes_at_second'), 'time_zone') }} as closes_at
    from open_days
    where not is_changing
    union all
    select
        schedule_id,
        minute_at,
        {{ plus_seconds('minute_at', 60) }}
    from minutes
    where
        {{ local_instant('minute_at', 'time_zone') }} >= {{ seconds_after('local_on', 'opens_at_second') }}
        and {{ local_instant('minute_at', 'time_zone') }} < {{ seconds_after('local_on', 'closes_at_second') }}
),

changes as (
    select
        schedule_id,
        opens_at as changed_at,
        1 as openings
    from openings
    union all
    select
        schedule_id,
        closes_at,
        -1
    from openings
    union all
    select
        schedule_ids.schedule_id,
        cast(days.local_on as timestamp),
        0
    from days
    cross join (select distinct schedule_id from {{ ref('int_schedule_openings') }}) as schedule_ids
),

-- Where one opening ends as another begins, nothing changes; midnights are kept, since pieces are found by their day.
points as (
    select
        schedule_id,
        changed_at,
        sum(openings) as openings
    from changes
    group by schedule_id, changed_at
    having sum(openings) <> 0 or min(abs(openings)) = 0
),

-- Openings that overlap count once: a piece is open while more have opened than closed.
pieces as (
    select
        schedule_id,
        changed_at as from_at,
        lead(changed_at) over (partition by schedule_id order by changed_at) as to_at,
        sum(openings) over (partition by schedule_id order by changed_at) > 0 as is_open_time
    from points
),

measured as (
    select
        *,
        cast(case when is_open_time then {{ seconds_between('from_at', 'to_at') }} else 0 end as bigint) as open_seconds
    from pieces
    where to_at is not null
)

select
    schedule_id,
    is_open_time,
    open_seconds,
    cast(
        sum(open_seconds) over (partition by schedule_id order by from_at) - open_seconds as bigint
    ) as open_seconds_before,
    from_at,
    to_at,
    cast(from_at as date) as piece_on
from measured
