{# Operating hours. A schedule is a position that grows by a second for each second it is open (int_schedule_pieces); the
   business time between two instants is the difference of their positions, so it adds up over any split, is never
   negative and never longer than the clock. It is null where no schedule is named, and where the schedule is not in
   force. What is due by no schedule is due by the clock. #}

{# The piece of `schedule` in which `instant` lies, as `alias`. #}
{% macro schedule_join(alias, schedule, instant) %}
left join {{ ref('int_schedule_pieces') }} as {{ alias }}
    on {{ schedule }} = {{ alias }}.schedule_id
    and cast({{ instant }} as date) = {{ alias }}.piece_on
    and {{ instant }} >= {{ alias }}.from_at
    and {{ instant }} < {{ alias }}.to_at
{% endmacro %}

{# Open seconds of the schedule before `instant`; null without a schedule, and outside the calendar. #}
{% macro schedule_position(alias, instant) %}
    {{ return(
        '(' ~ alias ~ '.open_seconds_before + case when ' ~ alias ~ '.is_open_time then '
        ~ seconds_between(alias ~ '.from_at', instant) ~ ' else 0 end)'
    ) }}
{% endmacro %}

{# Business seconds between two instants whose pieces are joined as `from_alias` and `to_alias`; null without a schedule,
   since the clock on the wall is no business time. #}
{% macro business_seconds(schedule, from_alias, from_instant, to_alias, to_instant) %}
    {%- set sql -%}
        case
            when {{ schedule }} is not null
                then {{ schedule_position(to_alias, to_instant) }} - {{ schedule_position(from_alias, from_instant) }}
        end
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Why what took time by the clock took none in the hours of support. #}
{% macro why_no_business_time() %}
    {{ return(literal(
        'the support schedule is not in force' if var('support_schedule_id') else 'no support schedule is set'
    )) }}
{% endmacro %}

{# The open piece in which `seconds` after `from_instant` (joined as `from_alias`) are over, as `alias`. #}
{% macro schedule_end_join(alias, schedule, from_alias, from_instant, seconds) %}
    {%- set position = '(' ~ schedule_position(from_alias, from_instant) ~ ' + ' ~ seconds ~ ')' %}
left join {{ ref('int_schedule_open_hours') }} as {{ alias }}
    on {{ schedule }} = {{ alias }}.schedule_id
    and cast(ceil({{ position }} / 3600.0) as bigint) = {{ alias }}.open_hour
    and {{ position }} > {{ alias }}.open_seconds_before
    and {{ position }} <= {{ alias }}.open_seconds_before + {{ alias }}.open_seconds
{% endmacro %}

{# The instant at which a schedule has been open for `seconds` since `from_instant`; the earliest, so a time that is up as
   the schedule closes is up then, not at the next opening. #}
{% macro business_end(schedule, alias, from_alias, from_instant, seconds) %}
    {%- set open_left -%}
        {{ schedule_position(from_alias, from_instant) }} + {{ seconds }} - {{ alias }}.open_seconds_before
    {%- endset -%}
    {%- set sql -%}
        case
            when {{ schedule }} is null then {{ plus_seconds(from_instant, seconds) }}
            else {{ plus_seconds(alias ~ '.from_at', '(' ~ open_left ~ ')') }}
        end
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# HH:MM as seconds. #}
{% macro clock_seconds(text) %}
    {{ return(
        '(cast(substr(' ~ text ~ ', 1, 2) as bigint) * 3600 + cast(substr(' ~ text ~ ', 4, 2) as bigint) * 60)'
    ) }}
{% endmacro %}

{# The local instant so many seconds after the midnight that begins `day`, as the clock on the wall reads. #}
{% macro seconds_after(day, seconds) %}{{ return(plus_seconds('cast(' ~ day ~ ' as timestamp)', seconds)) }}{% endmacro %}
