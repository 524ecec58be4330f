{# The ledger of `plumbline land`: a row per call, file and table; no row where it was never called. #}
{% macro ledger_rows() %}
    {%- if not execute -%}{{ return('select 1') }}{%- endif -%}
    {%- if has_ledger() -%}{{ return('select * from ' ~ ledger_source()) }}{%- endif -%}
    {%- set sql -%}
        select
            cast(null as varchar) as source_table,
            cast(null as varchar) as source_file,
            cast(null as varchar) as mapping,
            cast(null as varchar) as landed_file,
            cast(null as varchar) as rejected_file,
            cast(null as bigint) as rows_read,
            cast(null as bigint) as branches,
            cast(null as bigint) as rejected,
            cast(null as bigint) as filtered,
            cast(null as date) as landed_on
        where false
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Full paths of the files that count and that `this` does not hold yet. #}
{% macro unseen_landed_files() %}
    {%- set sql -%}
        select {{ literal(landing_root() ~ '/') }} || file from ({{ landed_files_sql() }})
        {% if is_incremental() -%} where file not in (select landed_file from {{ this }}) {%- endif %}
        order by 1
    {%- endset -%}
    {{ return(run_query(sql).columns[0].values() | list) }}
{% endmacro %}
