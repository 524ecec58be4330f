-- Openings as instants, from days before anything happened to a year ahead of what landed, for what is due later.
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
        valid_from_at,
        valid_until_at,
        {{ utc_instant(seconds_after('local_on', 'opens_at_second'), 'time_zone') }} as opens_at,
        {{ utc_instant(seconds_after('local_on', 'closes_at_second'), 'time_zone') }} as closes_at
    from open_days
    where not is_changing
    union all
    select
        schedule_id,
        valid_from_at,
        valid_until_at,
        minute_at,
        {{ plus_seconds('minute_at', 60) }}
    from minutes
    where
        {{ local_instant('minute_at', 'time_zone') }} >= {{ seconds_after('local_on', 'opens_at_second') }}
        and {{ local_instant('minute_at', 'time_zone') }} < {{ seconds_after('local_on', 'closes_at_second') }}
),

-- Open as long as the opening was in force: hours that change in the middle of a day do so there.
final as (
    select
        schedule_id,
        greatest(opens_at, valid_from_at) as opens_at,
        least(closes_at, valid_until_at) as closes_at
    from openings
)

select * from final
where opens_at < closes_at
