{{ config(materialized='table') }}

-- Time of each schedule cut at openings, closings and UTC midnights, with the open seconds before each piece: how long
-- a schedule was open between two instants is then the difference of two positions, whatever lies between them.
-- A year ahead of what is known, for what is due later.
with calendar as (
    select
        first_day - 8 as first_day,
        last_day + 400 as last_day
    from {{ ref('int_calendar') }}
),

days as (
    select cast({{ days_between('first_day', 'last_day') }} as date) as local_on from calendar
),

openings as (
    select
        schedules.schedule_id,
        {{ utc_instant(
            seconds_after('days.local_on', 'schedules.opens_at_second'), 'schedules.time_zone'
        ) }} as opens_at,
        {{ utc_instant(
            seconds_after('days.local_on', 'schedules.closes_at_second'), 'schedules.time_zone'
        ) }} as closes_at
    from {{ ref('int_schedule_openings') }} as schedules
    inner join days on {{ iso_weekday('days.local_on') }} = schedules.iso_weekday
    anti join {{ ref('int_schedule_holidays') }} as holidays
        on schedules.schedule_id = holidays.schedule_id and days.local_on = holidays.holiday_on
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

points as (
    select
        schedule_id,
        changed_at,
        sum(openings) as openings
    from changes
    group by schedule_id, changed_at
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
