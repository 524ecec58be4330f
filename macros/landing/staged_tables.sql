{# The tables that are staged so far. A literal list, because dbt draws its graph before the contract can be read; a test
   holds it against the models that there are. #}
{% macro staged_table_pairs() %}
    {{ return([
        ('moderation', 'decisions'),
        ('moderation', 'tasks'),
        ('quality', 'audit_frames'),
        ('quality', 'audits'),
        ('quality', 'calibration_ratings'),
        ('support', 'ticket'),
        ('support', 'ticket_field_history'),
        ('workforce', 'activity'),
        ('workforce', 'moderators'),
    ]) }}
{% endmacro %}

{# The key of a row as one text. #}
{% macro key_text(source_name, table_name) %}
    {%- if not execute -%}{{ return("''") }}{%- endif -%}
    {%- set parts = [] -%}
    {%- for name in contract_meta(source_name, table_name).key -%}
        {%- do parts.append("coalesce(cast(" ~ adapter.quote(name) ~ " as varchar), '')") -%}
    {%- endfor -%}
    {{ return(parts | join(" || ' | ' || ")) }}
{% endmacro %}

{# One pass over a staged table: rows that read (unmapped), by column. #}
{% macro unmapped_codes_of(source_name, table_name, relation) %}
    {%- set coded = [] -%}
    {%- if execute -%}
        {%- for column in contract_columns(source_name, table_name) if column['values'] -%}
            {%- do coded.append(column.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set sql -%}
        select
            '{{ source_name }}.{{ table_name }}' as source_table,
            columns_.column_name,
            {% if coded -%}
            case columns_.column_name
                {%- for name in coded %}
                when '{{ name }}' then counted.{{ name }}
                {%- endfor %}
            end as row_count
            {%- else -%}
            cast(0 as bigint) as row_count
            {%- endif %}
        from (
            select
                {%- for name in coded %}
                count(*) filter (where {{ name }} = '(unmapped)') as {{ name }},
                {%- endfor %}
                count(*) as all_rows
            from {{ relation }}
        ) as counted
        cross join (
            {% for name in coded -%}
            select '{{ name }}' as column_name {{ 'union all' if not loop.last }}
            {% else -%}
            select cast(null as varchar) as column_name where false
            {% endfor -%}
        ) as columns_
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
