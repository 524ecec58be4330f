{# dbt makes the rows of a unit test in the columns of the relation that they stand for. A landed node stands for three: its
   rows may have the columns of its view, of its base and of its log. #}
{% macro get_fixture_sql(rows, column_name_to_data_types) %}
    {%- set name = this.identifier | replace('stg_', '', 1) -%}
    {%- set types = {} -%}
    {%- for kind in (['stg', 'base', 'log'] if this.identifier.startswith('stg_') else []) -%}
        {%- for column in adapter.get_columns_in_relation(this.incorporate(path={'identifier': kind ~ '_' ~ name})) -%}
            {%- do types.setdefault(column.name | lower, column.data_type) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if '_problems' not in types -%}{{ return(dbt.get_fixture_sql(rows, column_name_to_data_types)) }}{%- endif -%}
    {%- set selected = [] -%}
    {%- for row in rows or [{}] -%}
        {%- set given = format_row(row, types) -%}
        {%- set columns = [] -%}
        {%- for column, type in types.items() -%}
            {%- do columns.append((given[column] if column in given else safe_cast('null', type) | trim) ~ ' as ' ~ adapter.quote(column)) -%}
        {%- endfor -%}
        {%- do selected.append('select ' ~ columns | join(', ')) -%}
    {%- endfor -%}
    {{ return('select * from (' ~ selected | join('\nunion all\n') ~ ') as given' ~ ('' if rows else ' limit 0')) }}
{% endmacro %}
