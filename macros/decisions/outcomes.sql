{# Whether an outcome acts on the content, which says that it is violative. #}
{% macro is_violative(outcome) -%}
{{ outcome }} in ('remove', 'restrict', 'age_restrict', 'label')
{%- endmacro %}

{# Whether a decision settles what becomes of its content, be it by people or by a machine. A decision on gold acts on nothing;
   one for an audit or an appeal reviews what another decision did. Reads columns of decisions_in_context. #}
{% macro acts_on_content() -%}
(is_production or is_automated and not is_gold and origin not in ('audit', 'appeal'))
{%- endmacro %}
