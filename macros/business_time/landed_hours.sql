{# Hours that a tool landed. A schedule is one thing: its openings and its holidays. What is first known of it reaches
   back to the beginning; what is added to it later holds from then on, and so does a holiday. #}

{# One row per opening of a week and stretch of time in which it was in force. `known_on` is the day on which its schedule
   was first known: rows that a pipeline read minutes apart are of one state. #}
{% macro landed_openings(through=none) %}
    {%- set versions = landed_versions('schedule', through) -%}
    {%- set sql -%}
        select
            versions.id as schedule_id,
            versions.time_zone,
            versions.start_time,
            versions.end_time,
            versions.known_on,
            case
                -- Added: to what was known before, or in place of what ended on that day.
                when
                    versions.is_first and not versions.is_deleted
                    and (
                        cast(versions.changed_at as date) > versions.known_on or versions.changed_at >= ended.ended_at
                    )
                    then versions.changed_at
                else versions.valid_from_at
            end as valid_from_at,
            versions.valid_until_at
        from (
            select
                *,
                min(case when not is_deleted then cast(changed_at as date) end) over (partition by id) as known_on
            from ({{ versions }}) as stretches
        ) as versions
        left join (
            select
                id as schedule_id,
                cast(valid_until_at as date) as ended_on,
                -- What is only known as deleted was there before that day.
                min(case
                    when is_deleted then cast(cast(valid_until_at as date) as timestamp) else valid_until_at
                end) as ended_at
            from ({{ versions }}) as stretches
            group by id, cast(valid_until_at as date)
        ) as ended on versions.id = ended.schedule_id and cast(versions.changed_at as date) = ended.ended_on
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# One row per schedule and day that is a holiday of it: by what was in force as the day ended, in UTC. One that is told of
   later changes nothing, and one that is deleted later stays. #}
{% macro landed_holidays(through=none) %}
    {%- set sql -%}
        select distinct schedule_id, holiday_on
        from (
            select
                holidays.schedule_id,
                cast({{ days_between('holidays.start_date', 'holidays.end_date') }} as date) as holiday_on,
                case
                    when
                        holidays.is_first and not holidays.is_deleted
                        and cast(holidays.changed_at as date) > coalesce(schedules.known_on, holidays.known_on)
                        then holidays.changed_at
                    else holidays.valid_from_at
                end as valid_from_at,
                holidays.valid_until_at
            from (
                select *, min(cast(changed_at as date)) over (partition by schedule_id) as known_on
                from ({{ landed_versions('schedule_holiday', through) }}) as stretches
            ) as holidays
            left join (
                select schedule_id, min(known_on) as known_on
                from ({{ landed_openings(through) }}) as openings
                group by schedule_id
            ) as schedules on holidays.schedule_id = schedules.schedule_id
        ) as days
        where valid_from_at < holiday_on + 1 and valid_until_at >= holiday_on + 1
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Spans of time for which a schedule is now said to open otherwise than by what was known up to batch `through`. #}
{% macro changed_hours(through) %}
    {%- set sql -%}
        with sides as (
            {%- for is_now, known in [(false, landed_openings(through)), (true, landed_openings())] %}
            select
                {{ is_now }} as is_now,
                schedule_id,
                {{ hash64(['time_zone', 'start_time', 'end_time']) }} as opening,
                valid_from_at,
                valid_until_at
            from ({{ known }}) as known
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ),

        spans as (
            select schedule_id, from_at, lead(from_at) over (partition by schedule_id order by from_at) as to_at
            from (
                select schedule_id, valid_from_at as from_at from sides
                union
                select schedule_id, valid_until_at from sides
            ) as bounds
        ),

        said as (
            select sides.is_now, spans.schedule_id, spans.from_at, spans.to_at, sides.opening
            from spans
            inner join sides on spans.schedule_id = sides.schedule_id and {{ in_force_at('sides', 'spans.from_at') }}
        ),

        holidays as (
            {%- for is_now, known in [(false, landed_holidays(through)), (true, landed_holidays())] %}
            select {{ is_now }} as is_now, schedule_id, holiday_on from ({{ known }}) as known
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ),

        -- On one side only.
        changed as (
            select schedule_id, from_at, to_at
            from said
            group by schedule_id, from_at, to_at, opening
            having count(distinct is_now) = 1
            union all
            -- The day of any time zone.
            select schedule_id, cast(holiday_on - 1 as timestamp), cast(holiday_on + 2 as timestamp)
            from holidays
            group by schedule_id, holiday_on
            having count(*) = 1
        )

        select distinct schedule_id, from_at, to_at from changed
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
