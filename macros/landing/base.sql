{# The one stored copy of a landed table: the rows of `files`, which were not seen before, are judged and appended, never
   updated. #}

{% macro base(source_name, table_name, files) %}
    {%- set columns = contract_columns(source_name, table_name) -%}
    {%- set meta = contract_meta(source_name, table_name) -%}
    {%- set content = [] -%}
    {#- When a pipeline read a row is no content: the same row, read again, is a duplicate. -#}
    {%- for column in columns if column.name not in meta.key and column.name != 'synced_at' -%}
        {%- do content.append(adapter.quote(column.name)) -%}
    {%- endfor -%}
    {%- set keys = [] -%}
    {%- for name in meta.key -%}{%- do keys.append(adapter.quote(name)) -%}{%- endfor -%}
    {%- set sql -%}
        with landed as (select * from {{ landed_rows(source_name, table_name, files) }})

        select
            {% for column in columns -%}
            {{ adapter.quote(column.name) }},
            {% endfor -%}
            {{ reporting_day(meta.event, columns) if meta.event is defined else 'cast(null as date)' }} as event_on,
            {{ hash64(keys) }} as _key,
            {{ hash64(content or keys) }} as _content,
            {{ problems(columns, meta) }} as _problems,
            _file,
            _row,
            _line,
            _landed_at,
            _source_system,
            {{ batch() }} as _batch
        from landed
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# A model that is the base of a table and nothing else. #}
{% macro base_model(source_name, table_name) %}
    {%- do source(source_name, table_name) -%}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {{ return(base(source_name, table_name, unseen_files(source_name, table_name, this if is_incremental() else none))) }}
{% endmacro %}

{# Everything that makes a row impossible, as names separated by commas; null for a good row. #}
{% macro problems(columns, meta) %}
    {%- set found = ['_untypeable'] -%}
    {%- for column in columns if not column.nullable -%}
        {%- if column.type == 'VARCHAR' -%}
            {%- set is_missing = 'coalesce(' ~ adapter.quote(column.name) ~ ", '') = ''" -%}
        {%- else -%}
            {%- set is_missing = adapter.quote(column.name) ~ " is null and position('untypeable_" ~ column.name
                ~ "' in coalesce(_untypeable, '')) = 0" -%}
        {%- endif -%}
        {%- do found.append('case when ' ~ is_missing ~ " then 'missing_" ~ column.name ~ "' end") -%}
    {%- endfor -%}
    {#- Years that no platform has lived through make calendars without end. -#}
    {%- if meta.event is defined -%}
        {%- do found.append(
            'case when ' ~ adapter.quote(meta.event) ~ " < date '1990-01-01' or " ~ adapter.quote(meta.event)
            ~ " >= date '2200-01-01' then '" ~ meta.event ~ "_out_of_range' end"
        ) -%}
    {%- endif -%}
    {#- Sums of what nobody counts that far overflow, and no reader could tell them from figures. -#}
    {%- for column in columns if column.type in ('BIGINT', 'DOUBLE') or column.type.startswith('DECIMAL') -%}
        {%- do found.append(
            'case when ' ~ adapter.quote(column.name) ~ ' not between -1000000000000 and 1000000000000'
            ~ " then '" ~ column.name ~ "_out_of_range' end"
        ) -%}
    {%- endfor -%}
    {%- for rule in meta.get('impossible', []) -%}
        {%- do found.append('case when ' ~ rule.when ~ " then '" ~ rule.name ~ "' end") -%}
    {%- endfor -%}
    {{ return("nullif(concat_ws(',', " ~ found | join(', ') ~ "), '')") }}
{% endmacro %}

{# The day that an event belongs to in reports: a date as it is, an instant in the reporting time zone. #}
{% macro reporting_day(column_name, columns=none) %}
    {%- for column in columns or [] if column.name == column_name and column.type == 'DATE' -%}
        {{ return(adapter.quote(column_name)) }}
    {%- endfor -%}
    {{ return(local_day(column_name, literal(var('reporting_timezone')))) }}
{% endmacro %}
