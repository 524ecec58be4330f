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
        where
            base._problems is null
            and not exists (
                select 1 from {{ log_relation }} as lost
                where lost._row = base._row and lost._file = base._file
            )
            {%- if also_exclude is not none %}
            and not exists (
                select 1 from {{ also_exclude }} as impossible
                where impossible._row = base._row and impossible._file = base._file
            )
            {%- endif %}
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
