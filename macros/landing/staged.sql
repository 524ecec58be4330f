{# Good latest rows of a base table: neither impossible nor lost to a later row of the same key. Codes that the
   contract does not list, or that the seed in a column's `known_in` has not, become the `(unmapped)` member; they are
   judged again in each run, since this is a view. A model of a table with `known_in` names the seeds for dbt's graph.
   `among` picks rows of the base table first: a few by their ids, which the storage is pruned by, before the joins that
   such a filter does not always pass. #}

{% macro staged(source_name, table_name, also_exclude=none, among=none) %}
    {%- set base_relation = landed_base(source_name, table_name) -%}
    {%- set log_relation = landed_log(source_name, table_name) -%}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set sql -%}
        select
            {% for column in contract_columns(source_name, table_name) -%}
            {%- if column['values'] or column['known_in'] -%}
            case
                when base.{{ adapter.quote(column.name) }} in ({{ known_codes(column) }})
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
        from {{ '(select * from ' ~ base_relation ~ ' where ' ~ among ~ ')' if among else base_relation }} as base
        {#- An anti join, not `not exists`: DuckDB makes a set of every row's place for that one first. #}
        anti join {{ log_relation }} as lost on base._row = lost._row and base._file = lost._file
        {%- if also_exclude is not none %}
        anti join {{ also_exclude }} as impossible on base._row = impossible._row and base._file = impossible._file
        {%- endif %}
        where base._problems is null
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Staged rows of which `among` is true, a predicate on ids that few rows meet, by the way above. #}
{% macro staged_among(source_name, table_name, among, also_exclude=none) %}
    {%- do landed_base(source_name, table_name) -%}
    {%- do landed_log(source_name, table_name) -%}
    {%- do ref('stg_' ~ source_name ~ '__' ~ table_name) -%}
    {%- if picks_first() -%}
        {{ return(staged(source_name, table_name, also_exclude, among)) }}
    {%- endif -%}
    {{ return('select * from ' ~ ref('stg_' ~ source_name ~ '__' ~ table_name) ~ ' where ' ~ among) }}
{% endmacro %}

{# Whether rows are picked before those that lost are taken away. A unit test gives staged rows, and says no. #}
{% macro picks_first() %}{{ return(true) }}{% endmacro %}
