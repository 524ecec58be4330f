{# The tables that are staged so far. A literal list, because dbt draws its graph before the contract can be read; a test
   holds it against the models that there are. #}
{% macro staged_table_pairs() %}
    {{ return([
        ('moderation', 'decisions'),
        ('moderation', 'tasks'),
        ('quality', 'audit_frames'),
        ('quality', 'audits'),
        ('quality', 'calibration_ratings'),
        ('support', 'ticket'),
        ('support', 'ticket_field_history'),
        ('workforce', 'activity'),
        ('workforce', 'moderators'),
    ]) }}
{% endmacro %}

{# The key of a row as one text. #}
{% macro key_text(source_name, table_name) %}
    {%- if not execute -%}{{ return("''") }}{%- endif -%}
    {%- set parts = [] -%}
    {%- for name in contract_meta(source_name, table_name).key -%}
        {%- do parts.append("coalesce(cast(" ~ adapter.quote(name) ~ " as varchar), '')") -%}
    {%- endfor -%}
    {{ return(parts | join(" || ' | ' || ")) }}
{% endmacro %}
