-- Staged rows whose code the landing contract does not list, by table and column.
{% for source_name, table_name in staged_table_pairs() -%}
{{ unmapped_codes_of(source_name, table_name, ref('stg_' ~ source_name ~ '__' ~ table_name)) }}
{{ 'union all' if not loop.last }}
{% endfor %}
