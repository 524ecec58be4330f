{# Place of an outcome from mild to strict; null for what is not one. #}
{% macro strictness(outcome) %}
    {%- set ordered = ['no_violation', 'label', 'age_restrict', 'restrict', 'remove'] -%}
    case {{ outcome }}
        {%- for name in ordered %} when '{{ name }}' then {{ loop.index0 }}{% endfor %}
    end
{%- endmacro %}
