{{ config(materialized='table') }}

-- Time of each schedule cut at openings, closings and UTC midnights, with the open seconds before each piece: how long
-- a schedule was open between two instants is then the difference of two positions, whatever lies between them.
-- A schedule has pieces while any of its openings is in force: none after a tool has deleted the last.
with calendar as (
    select
        cast(first_day - 8 as timestamp) as begins_at,
        cast(last_event_day + 400 as timestamp) as ends_at
    from {{ ref('int_calendar') }}
),

openings as (
    select
        openings.schedule_id,
        greatest(openings.valid_from_at, calendar.begins_at) as valid_from_at,
        least(openings.valid_until_at, calendar.ends_at) as valid_until_at
    from {{ ref('int_schedule_openings') }} as openings
    cross join calendar
),

open_times as (
    select * from {{ ref('int_schedule_open_times') }}
),

changes as (
    {% for relation, begins, ends, is_open in [
        ('open_times', 'opens_at', 'closes_at', 1), ('openings', 'valid_from_at', 'valid_until_at', 0),
    ] -%}
    {% for at, step in [(begins, 1), (ends, -1)] -%}
    select
        schedule_id,
        {{ at }} as changed_at,
        {{ step * is_open }} as open_change,
        {{ step * (1 - is_open) }} as in_force_change
    from {{ relation }}
    where {{ begins }} < {{ ends }}
    union all
    {% endfor -%}
    {% endfor -%}
    select
        schedules.schedule_id,
        {{ days_between('calendar.begins_at', 'calendar.ends_at') }},
        0,
        0
    from calendar
    cross join (select distinct schedule_id from openings) as schedules
),

-- Where one opening ends as another begins, nothing changes; midnights are kept, since pieces are found by their day.
points as (
    select
        schedule_id,
        changed_at,
        sum(open_change) as open_change,
        sum(in_force_change) as in_force_change
    from changes
    group by schedule_id, changed_at
    having sum(open_change) <> 0 or min(abs(open_change)) = 0
),

-- Openings that overlap count once: a piece is open while more have opened than closed.
pieces as (
    select
        schedule_id,
        changed_at as from_at,
        lead(changed_at) over (partition by schedule_id order by changed_at) as to_at,
        sum(open_change) over (partition by schedule_id order by changed_at) > 0 as is_open_time,
        sum(in_force_change) over (partition by schedule_id order by changed_at) > 0 as is_in_force
    from points
),

measured as (
    select
        *,
        cast(case when is_open_time then {{ seconds_between('from_at', 'to_at') }} else 0 end as bigint) as open_seconds
    from pieces
    where is_in_force and to_at is not null
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
