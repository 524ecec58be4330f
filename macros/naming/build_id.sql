{# Which build made a row: the same for every table of one dbt invocation. #}
{% macro build_id() %}{{ return("cast('" ~ invocation_id ~ "' as varchar)") }}{% endmacro %}
