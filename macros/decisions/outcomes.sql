{# Whether an outcome acts on the content, which says that it is violative. #}
{% macro is_violative(outcome) -%}
{{ outcome }} in ('remove', 'restrict', 'age_restrict', 'label')
{%- endmacro %}
