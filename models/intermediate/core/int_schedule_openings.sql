-- Weekly openings of every schedule in seconds from local midnight: those of the seed, and those that a support tool
-- exports in minutes from the midnight that begins Sunday, while they were in force. One that passes midnight is cut
-- there.
with landed as (
    select
        openings.schedule_id,
        coalesce(aliases.time_zone, openings.time_zone) as time_zone,
        openings.start_time,
        openings.end_time,
        openings.valid_from_at,
        openings.valid_until_at
    from ({{ landed_openings() }}) as openings
    left join {{ ref('time_zone_aliases') }} as aliases on openings.time_zone = aliases.alias
),

-- A zone that nobody knows opens nothing; a test names it.
known as (
    select landed.*
    from landed
    semi join {{ time_zone_names() }} as zones on landed.time_zone = zones.name
),

by_day as (
    select
        schedule_id,
        time_zone,
        start_time,
        end_time,
        valid_from_at,
        valid_until_at,
        {{ numbers_between(
            'cast(floor(start_time / 1440.0) as bigint)', 'cast(ceil(end_time / 1440.0) as bigint) - 1'
        ) }} as days_after_sunday
    from known
)

select
    schedule_id,
    time_zone,
    iso_weekday,
    {{ clock_seconds('opens') }} as opens_at_second,
    {{ clock_seconds('closes') }} as closes_at_second,
    {{ beginning_of_time() }} as valid_from_at,
    {{ end_of_time() }} as valid_until_at
from {{ ref('schedules') }}
union all
select
    schedule_id,
    time_zone,
    case when days_after_sunday % 7 = 0 then 7 else days_after_sunday % 7 end,
    greatest(start_time - days_after_sunday * 1440, 0) * 60,
    least(end_time - days_after_sunday * 1440, 1440) * 60,
    valid_from_at,
    valid_until_at
from by_day
