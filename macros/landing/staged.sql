{# Good latest rows of a base table: neither impossible nor lost to a later row of the same key. Codes that the
   contract does not list become the `(unmapped)` member; they are judged anew in each run, since this is a view. #}

{% macro staged(source_name, table_name, also_exclude=none) %}
    {%- set base_relation = ref('base_' ~ source_name ~ '__' ~ table_name) -%}
    {%- set log_relation = ref('log_' ~ source_name ~ '__' ~ table_name) -%}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set sql -%}
        select
            {% for column in contract_columns(source_name, table_name) -%}
            {%- if column['values'] -%}
            case
                when base.{{ adapter.quote(column.name) }} in ({{ literals(column['values']) }})
                    {% if column.nullable %}or base.{{ adapter.quote(column.name) }} is null {% endif -%}
                    then base.{{ adapter.quote(column.name) }}
                else '(unmapped)'
            end as {{ adapter.quote(column.name) }},
            {% else -%}
            base.{{ adapter.quote(column.name) }},
            {% endif -%}
            {%- endfor -%}
            {%- for rule in contract_meta(source_name, table_name).get('odd', []) -%}
            coalesce({{ rule.when }}, false) as is_{{ rule.name }},
            {% endfor -%}
            base.event_on,
            base._file,
            base._row,
            base._line,
            base._source_system
        from {{ base_relation }} as base
        {#- An anti join, not `not exists`: DuckDB makes a set of every row's place for that one first. #}
        anti join {{ log_relation }} as lost on base._row = lost._row and base._file = lost._file
        {%- if also_exclude is not none %}
        anti join {{ also_exclude }} as impossible on base._row = impossible._row and base._file = impossible._file
        {%- endif %}
        where base._problems is null
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
