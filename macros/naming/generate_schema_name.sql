{# Schemas as such in prod (staging, marts, …), prefixed with the target's schema elsewhere (dev_marts). #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is none -%}
        {{ return(target.schema) }}
    {%- endif -%}
    {{ return(custom_schema_name if target.name == 'prod' else target.schema ~ '_' ~ custom_schema_name) }}
{%- endmacro %}
