{# The key of a row as one text. #}
{% macro key_text(source_name, table_name) %}
    {%- if not execute -%}{{ return("''") }}{%- endif -%}
    {%- set parts = [] -%}
    {%- for name in contract_meta(source_name, table_name).key -%}
        {%- do parts.append("coalesce(cast(" ~ adapter.quote(name) ~ " as varchar), '')") -%}
    {%- endfor -%}
    {{ return(parts | join(" || ' | ' || ")) }}
{% endmacro %}

{# The day under which rows of a table are counted: that of the event, or of landing where the contract has none or allows
   it to be missing. Of a row in the log the event may be missing as well: it was quarantined for that. #}
{% macro counted_on(source_name, table_name, is_log=false) %}
    {%- if not execute -%}{{ return('event_on') }}{%- endif -%}
    {%- set event = contract_meta(source_name, table_name).get('event') -%}
    {%- for column in contract_columns(source_name, table_name) if column.name == event and not column.nullable -%}
        {{ return('coalesce(event_on, ' ~ landed_on('_file') ~ ')' if is_log else 'event_on') }}
    {%- endfor -%}
    {{ return(landed_on('_file')) }}
{% endmacro %}

{# Where the codes of a table are listed: its contract, and the seeds that its columns are known in or refer to. #}
{% macro lists_of_codes(source_name, table_name) %}
    {%- set lists = [source_name ~ '.' ~ table_name] -%}
    {%- if execute -%}
        {%- for column in contract_columns(source_name, table_name) -%}
            {%- set seed = column['known_in'] or column['refers_to'] -%}
            {%- if seed and seed not in lists -%}{%- do lists.append(seed) -%}{%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(lists) }}
{% endmacro %}

{# One pass over a staged table, by file and day: its rows, those whose code nobody knows, by column, and those whose id
   reads as a float and so may join nothing. #}
{% macro staged_counts(source_name, table_name) %}
    {%- set coded = [] -%}
    {%- if execute -%}
        {%- for column in contract_columns(source_name, table_name) -%}
            {%- if is_id(column.name) -%}
                {%- do coded.append({
                    'name': column.name ~ '_as_float',
                    'is_unknown': column.name ~ " like '%.0' and try_cast(" ~ column.name ~ ' as double) is not null'
                }) -%}
            {%- endif -%}
            {%- if column['values'] or column['known_in'] -%}
                {%- do coded.append({'name': column.name, 'is_unknown': column.name ~ " = '(unmapped)'"}) -%}
            {%- elif column['refers_to'] -%}
                {%- do coded.append({
                    'name': column.name, 'is_unknown': column.name ~ ' not in (' ~ known_codes(column) ~ ')'
                }) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set sql -%}
        select
            counted.landed_file,
            case
                when columns_.column_name is null then 'staged'
                when columns_.column_name like '%\_as\_float' escape '\' then 'flagged'
                else 'unmapped'
            end as status,
            columns_.column_name as reason,
            case
                {%- for column in coded %}
                when columns_.column_name = '{{ column.name }}' then counted.{{ column.name }}
                {%- endfor %}
                when columns_.column_name is null then counted.all_rows
            end as row_count,
            counted.event_on
        from (
            select
                _file as landed_file,
                {%- for column in coded %}
                count(*) filter (where {{ column.is_unknown }}) as {{ column.name }},
                {%- endfor %}
                count(*) as all_rows,
                {{ counted_on(source_name, table_name) }} as event_on
            from {{ ref('stg_' ~ source_name ~ '__' ~ table_name) }}
            group by all
        ) as counted
        cross join (
            select cast(null as varchar) as column_name
            {%- for column in coded %}
            union all
            select '{{ column.name }}'
            {%- endfor %}
        ) as columns_
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
