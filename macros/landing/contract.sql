{# What contracts/<source>/<table>.yml says, as dbt's graph holds it. Only to be called when `execute` is true. #}

{% macro contract(source_name, table_name) %}
    {%- set node = graph.sources.get('source.' ~ project_name ~ '.' ~ source_name ~ '.' ~ table_name) -%}
    {%- if node is none -%}
        {{ exceptions.raise_compiler_error("No contract contracts/" ~ source_name ~ "/" ~ table_name ~ ".yml") }}
    {%- endif -%}
    {{ return(node) }}
{% endmacro %}

{% macro contract_columns(source_name, table_name) %}
    {%- set columns = [] -%}
    {%- for column in contract(source_name, table_name).columns.values() -%}
        {%- set meta = column.config.get('meta', {}) -%}
        {%- do columns.append({
            'name': column.name,
            'type': column.data_type | upper,
            'nullable': meta.get('nullable', false),
            'values': meta.get('values', []),
            'known_in': meta.get('known_in'),
            'refers_to': meta.get('refers_to'),
        }) -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}

{% macro contract_meta(source_name, table_name) %}
    {{ return(contract(source_name, table_name).config.meta) }}
{% endmacro %}

{# The codes that a column may have: those that the contract lists, or those of the seed that its `known_in` or
   `refers_to` names. What is not `known_in` its seed becomes `(unmapped)` in staging; what `refers_to` one stays as it was
   given, for the models that compare or map it, and is counted. #}
{% macro known_codes(column) %}
    {%- if column['values'] -%}{{ return(literals(column['values'])) }}{%- endif -%}
    {%- set seed = graph.nodes['seed.' ~ project_name ~ '.' ~ (column['known_in'] or column['refers_to'])] -%}
    {{ return('select ' ~ seed.config.meta.key[0] ~ ' from ' ~ ref(seed.name)) }}
{% endmacro %}

{% macro literal(text) %}{{ return("'" ~ (text | string | replace("'", "''")) ~ "'") }}{% endmacro %}

{% macro literals(texts) %}
    {%- set quoted = [] -%}
    {%- for text in texts -%}{%- do quoted.append(literal(text)) -%}{%- endfor -%}
    {{ return(quoted | join(', ')) }}
{% endmacro %}
