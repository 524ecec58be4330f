{# Types values that a pipeline landed by the contract; src/plumbline/landing/casts.py does for `plumbline land`, and a test
   holds the two together. What already has its type is not cast. #}

{# [value, fault] as SQL: the column in its type, and whether it has a value that cannot be typed; no fault where every
   value can. `found` is the type in the file, `nested …` for a list, struct or map. #}
{% macro typed_column(column, found) %}
    {%- set raw = adapter.quote(column.name) -%}
    {%- set broken = is_id(column.name) and found == 'VARCHAR' -%}
    {%- if found == column.type and broken -%}
        {{ return([raw, broken_id(raw)]) }}
    {%- elif found == column.type and column.type not in ('DOUBLE', 'DATE', 'TIMESTAMP') -%}
        {{ return([raw, none]) }}
    {%- endif -%}
    {%- if found == 'VARCHAR' -%}{%- set raw = "nullif(trim(" ~ raw ~ "), '')" -%}{%- endif -%}
    {%- set value = in_range(raw if found == column.type else cast_exactly(raw, found, column), column.type) -%}
    {{ return([value, raw ~ ' is not null and ' ~ value ~ ' is null']) }}
{% endmacro %}

{# A cast that gives null where it would fail, or change the value: 1.5 is no whole number, 2 no truth. #}
{% macro cast_exactly(raw, found, column) %}
    {%- set type = column.type -%}
    {%- if found.startswith('nested') -%}{{ return('cast(null as ' ~ type ~ ')') }}{%- endif -%}
    {%- if type in ('DATE', 'TIMESTAMP') and found == 'TIMESTAMP WITH TIME ZONE' -%}
        {{ return('cast(' ~ utc_reading(raw) ~ ' as ' ~ type ~ ')') }}
    {%- elif type == 'TIMESTAMP' and found == 'VARCHAR' -%}{{ return(text_instant(raw)) }}
    {%- elif type == 'DATE' and found == 'VARCHAR' -%}{{ return(text_day(raw)) }}
    {%- elif type == 'BIGINT' -%}
        {#- A decimal tells large numbers apart and rounds small fractions away, a double the other way round. #}
        {{ return('case when try_cast(' ~ raw ~ ' as decimal(38, 9)) = try_cast(' ~ raw ~ ' as bigint) and try_cast('
            ~ raw ~ ' as double) = try_cast(' ~ raw ~ ' as bigint) then try_cast(' ~ raw ~ ' as bigint) end') }}
    {%- elif type == 'BOOLEAN' and is_number(found) -%}
        {{ return('case when ' ~ raw ~ ' in (0, 1) then ' ~ raw ~ ' = 1 end') }}
    {%- elif type == 'VARCHAR' -%}{{ return(exact_text(raw, found, column.name)) }}
    {%- endif -%}
    {{ return('try_cast(' ~ raw ~ ' as ' ~ type ~ ')') }}
{% endmacro %}

{# A value that can be counted with: a number that is one and has an end, a day of years that calendars and people use. A
   year 5 is a day that was written the other way. #}
{% macro in_range(value, type) %}
    {%- if type == 'DOUBLE' -%}
        {{ return('case when isfinite(try_cast(' ~ value ~ ' as double)) then try_cast(' ~ value ~ ' as double) end') }}
    {%- elif type == 'DATE' -%}{%- set last = '9999-12-31' -%}
    {%- elif type == 'TIMESTAMP' -%}{%- set last = '9999-12-31 23:59:59.999999' -%}
    {%- else -%}{{ return(value) }}
    {%- endif -%}
    {{ return('case when ' ~ value ~ ' between ' ~ type | lower ~ " '1900-01-01' and " ~ type | lower ~ " '" ~ last
        ~ "' then " ~ value ~ ' end') }}
{% endmacro %}

{# Text of a value of another type. An id that was a float is whole and small enough to be told apart from its neighbours,
   or has lost its digits. #}
{% macro exact_text(raw, found, name) %}
    {%- set apart = {'DOUBLE': 9007199254740992, 'FLOAT': 16777216}.get(found) -%}
    {%- if is_id(name) and found == 'BOOLEAN' -%}{{ return('cast(null as varchar)') }}
    {%- elif is_id(name) and apart -%}
        {{ return('case when ' ~ raw ~ ' = trunc(' ~ raw ~ ') and abs(' ~ raw ~ ') < ' ~ apart ~ ' then cast(try_cast('
            ~ raw ~ ' as bigint) as varchar) end') }}
    {%- elif is_id(name) and found.startswith('DECIMAL') -%}
        {{ return('case when ' ~ raw ~ ' = trunc(' ~ raw ~ ') then cast(try_cast(' ~ raw ~ ' as hugeint) as varchar) end') }}
    {%- elif apart -%}
        {{ return('case when isfinite(' ~ raw ~ ') then cast(' ~ raw ~ ' as varchar) end') }}
    {%- endif -%}
    {{ return('try_cast(' ~ raw ~ ' as varchar)') }}
{% endmacro %}

{% macro is_id(name) %}{{ return(name in ('id', 'uuid') or name.endswith('_id')) }}{% endmacro %}

{% macro is_number(type) %}
    {{ return(type in ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT',
        'DOUBLE', 'FLOAT') or type.startswith('DECIMAL')) }}
{% endmacro %}

{# Whether a text id went through a spreadsheet or a float, or was none. Every row is asked: so first what is cheap to tell
   (digits and a minus come before a colon), then for a mark that ids seldom have. #}
{% macro broken_id(raw) %}
    {{ return("(length(" ~ raw ~ ") < 6 and " ~ raw
        ~ " in ('NaN', 'true', 'True', 'TRUE', 'false', 'False', 'FALSE') or " ~ raw ~ " < ':' and (contains("
        ~ raw ~ ", '+') or contains(" ~ raw ~ ", '.')) and regexp_full_match(" ~ raw
        ~ ", '-?[0-9](?:\\.[0-9]+)?[eE]\\+[0-9]+|-?[0-9]\\.[0-9]+[eE]-?[0-9]+'))") }}
{% endmacro %}

{# Day, time and offset of a text instant. DuckDB reads more (`epoch`, names of zones, year 5), which nobody means. #}
{% macro instant_pattern() %}
    {%- set hours = '(?::?[0-5][0-9])?' -%}
    {{ return('[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?'
        ~ '(?: ?(?:Z|z|UTC|GMT|\\+(?:0[0-9]|1[0-4])' ~ hours ~ '|-(?:0[0-9]|1[0-2])' ~ hours ~ '))?)?') }}
{% endmacro %}

{# The UTC instant that a text says. A cast to TIMESTAMP drops the offset (duckdb/duckdb#18767), one to TIMESTAMPTZ depends
   on the session, one to TIMESTAMP_NS does neither. It does not know a space before the offset, an offset after minutes, a
   comma, or years beyond 2262; those come after, and cost only the texts that need them. #}
{% macro text_instant(raw) %}
    {%- set bare = "regexp_replace(replace(" ~ raw ~ ", ',', '.'), ' ?(?:Z|z|UTC|GMT|([+-][0-9:]+))$', '\\1')" -%}
    {%- set whole = "regexp_replace(" ~ bare ~ ", '([T ][0-9]{1,2}:[0-9]{2})([+-])', '\\1:00\\2')" -%}
    {%- set sql -%}
        case when regexp_full_match({{ raw }}, '{{ instant_pattern() }}') then coalesce(
            cast(try_cast({{ raw }} as timestamp_ns) as timestamp),
            cast(try_cast({{ whole }} as timestamp_ns) as timestamp),
            case when {{ raw }} not like '%:%+%' and {{ raw }} not like '%:%-%' then try_cast({{ raw }} as timestamp) end
        ) end
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# The day that a text says; none where its offset makes it another day in UTC: either might be meant. #}
{% macro text_day(raw) %}
    {{ return('case when try_cast(' ~ raw ~ ' as date) = cast(' ~ text_instant(raw) ~ ' as date) then try_cast(' ~ raw
        ~ ' as date) end') }}
{% endmacro %}
