{# Overwrites whole days. `meta.touched_by` names the append-only model that says which days changed since; a day whose
   rows are all gone is emptied, too. Delete and insert are one transaction. #}

{% macro touched_days() %}
    {%- set touched = ref(config.get('meta')['touched_by']) -%}
    {%- set sql = 'select distinct event_on from ' ~ touched ~ ' where _batch > ' ~ built_through() ~ ' order by 1' -%}
    {{ return(run_query(sql).columns[0].values() | list) }}
{% endmacro %}

{# A predicate on `column`: true for the days to build in this run. #}
{% macro in_touched_days(column='event_on') %}
    {%- if not execute or not is_incremental() -%}{{ return('true') }}{%- endif -%}
    {%- set days = touched_days() -%}
    {%- if not days -%}{{ return('false') }}{%- endif -%}
    {{ return(column ~ " in (date '" ~ days | join("', date '") ~ "')") }}
{% endmacro %}

{% macro get_incremental_touched_days_sql(arg_dict) %}
    delete from {{ arg_dict.target_relation }} where {{ in_touched_days() }};
    {{ get_insert_into_sql(arg_dict.target_relation, arg_dict.temp_relation, arg_dict.dest_columns) }}
{% endmacro %}
