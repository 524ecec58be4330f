{# What DuckDB and Spark say differently. Everything else in the models means the same on both. #}

{% macro hash64(columns) %}{{ return(adapter.dispatch('hash64', 'plumbline')(columns)) }}{% endmacro %}
{% macro default__hash64(columns) %}
    {{ return('cast(hash(' ~ columns | join(', ') ~ ') >> 1 as bigint)') }}
{% endmacro %}

{% macro sha256(text) %}{{ return(adapter.dispatch('sha256', 'plumbline')(text)) }}{% endmacro %}
{% macro default__sha256(text) %}{{ return('sha256(' ~ text ~ ')') }}{% endmacro %}

{# `value` of the row whose `by` is greatest, or least; null where it is null there. DuckDB's max_by and min_by pass over
   nulls. #}
{% macro value_at_max(value, by) %}{{ return(adapter.dispatch('value_at_max', 'plumbline')(value, by)) }}{% endmacro %}
{% macro default__value_at_max(value, by) %}{{ return('arg_max_null(' ~ value ~ ', ' ~ by ~ ')') }}{% endmacro %}

{% macro value_at_min(value, by) %}{{ return(adapter.dispatch('value_at_min', 'plumbline')(value, by)) }}{% endmacro %}
{% macro default__value_at_min(value, by) %}{{ return('arg_min_null(' ~ value ~ ', ' ~ by ~ ')') }}{% endmacro %}

{# The local day of a UTC instant; `zone` is an expression that gives an IANA name. #}
{% macro local_day(instant, zone) %}{{ return(adapter.dispatch('local_day', 'plumbline')(instant, zone)) }}{% endmacro %}
{% macro default__local_day(instant, zone) %}
    {%- if zone == "'UTC'" -%}{{ return('cast(' ~ instant ~ ' as date)') }}{%- endif -%}
    {{ return('cast(' ~ local_instant(instant, zone) ~ ' as date)') }}
{% endmacro %}

{% macro seconds_between(from_instant, to_instant) %}
    {{ return(adapter.dispatch('seconds_between', 'plumbline')(from_instant, to_instant)) }}
{% endmacro %}
{% macro default__seconds_between(from_instant, to_instant) %}
    {{ return('(epoch(' ~ to_instant ~ ') - epoch(' ~ from_instant ~ '))') }}
{% endmacro %}

{% macro plus_seconds(instant, seconds) %}
    {{ return(adapter.dispatch('plus_seconds', 'plumbline')(instant, seconds)) }}
{% endmacro %}
{% macro default__plus_seconds(instant, seconds) %}{{ return(instant ~ ' + to_seconds(' ~ seconds ~ ')') }}{% endmacro %}

{# A row per day between two dates, both included; goes in a select list. #}
{% macro days_between(first_day, last_day) %}
    {{ return(adapter.dispatch('days_between', 'plumbline')(first_day, last_day)) }}
{% endmacro %}
{% macro default__days_between(first_day, last_day) %}
    {{ return('unnest(generate_series(' ~ first_day ~ ', ' ~ last_day ~ ', interval 1 day))') }}
{% endmacro %}

{# Monday 1 to Sunday 7. #}
{% macro iso_weekday(day) %}{{ return(adapter.dispatch('iso_weekday', 'plumbline')(day)) }}{% endmacro %}
{% macro default__iso_weekday(day) %}{{ return('isodow(' ~ day ~ ')') }}{% endmacro %}

{# What clocks in `zone` read at a UTC instant. #}
{% macro local_instant(instant, zone) %}
    {{ return(adapter.dispatch('local_instant', 'plumbline')(instant, zone)) }}
{% endmacro %}
{% macro default__local_instant(instant, zone) %}
    {{ return("timezone(" ~ zone ~ ", timezone('UTC', " ~ instant ~ "))") }}
{% endmacro %}

{# What clocks in UTC read at an instant of a type that knows of zones; whatever the zone of the session. #}
{% macro utc_reading(instant) %}{{ return(adapter.dispatch('utc_reading', 'plumbline')(instant)) }}{% endmacro %}
{% macro default__utc_reading(instant) %}{{ return("timezone('UTC', " ~ instant ~ ")") }}{% endmacro %}

{# The UTC instant at which clocks in `zone` read `local_instant`. A reading that daylight saving skips is an hour later
   in summer time; of one that comes twice, the last. #}
{% macro utc_instant(local_instant, zone) %}{{ return(adapter.dispatch('utc_instant', 'plumbline')(local_instant, zone)) }}{% endmacro %}
{% macro default__utc_instant(local_instant, zone) %}
    {{ return("timezone('UTC', timezone(" ~ zone ~ ", " ~ local_instant ~ "))") }}
{% endmacro %}

{# A row per whole number between two, both included; goes in a select list. #}
{% macro numbers_between(first_number, last_number) %}
    {{ return(adapter.dispatch('numbers_between', 'plumbline')(first_number, last_number)) }}
{% endmacro %}
{% macro default__numbers_between(first_number, last_number) %}
    {{ return('unnest(generate_series(' ~ first_number ~ ', ' ~ last_number ~ '))') }}
{% endmacro %}

{# The IANA time zones that the engine knows, with a column `name`. #}
{% macro time_zone_names() %}{{ return(adapter.dispatch('time_zone_names', 'plumbline')()) }}{% endmacro %}
{% macro default__time_zone_names() %}{{ return('(select name from pg_timezone_names())') }}{% endmacro %}

{# Sets of people in 63 bits, one by a hash of each: sets unite over any cells, and the bits of a set count at least so many
   people, never more. That is what it takes to say that a cell is of five people or more. #}
{% macro person_bit(person_key) %}{{ return(adapter.dispatch('person_bit', 'plumbline')(person_key)) }}{% endmacro %}
{% macro default__person_bit(person_key) %}
    {{ return('case when ' ~ person_key ~ ' is not null then cast(1 as bigint) << cast('
        ~ hash64([person_key]) ~ ' % 63 as integer) end') }}
{% endmacro %}
{% macro union_of_people(bits) %}{{ return('bit_or(' ~ bits ~ ')') }}{% endmacro %}
{% macro people_at_least(bits) %}{{ return('bit_count(' ~ bits ~ ')') }}{% endmacro %}

{% macro plus_months(day, months) %}{{ return(adapter.dispatch('plus_months', 'plumbline')(day, months)) }}{% endmacro %}
{% macro default__plus_months(day, months) %}{{ return('(' ~ day ~ ' + to_months(' ~ months ~ '))') }}{% endmacro %}

{# One row for each part of a text that commas divide. #}
{% macro each_of(text) %}{{ return(adapter.dispatch('each_of', 'plumbline')(text)) }}{% endmacro %}
{% macro default__each_of(text) %}{{ return('unnest(string_split(' ~ text ~ ", ','))") }}{% endmacro %}
