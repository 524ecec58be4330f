{# A seed whose contract names columns in `meta.optional` may be without them: in a file that was written before they came, or in
   single rows. They are null then. Of any other seed a short row is an error. #}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {%- set optional = (model.config.meta or {}).get('optional', []) -%}
    {%- if not optional -%}{{ return(dbt.duckdb__load_csv_rows(model, agate_table)) }}{%- endif -%}
    {%- set file = adapter.get_seed_file_path(model) -%}
    {%- set sql = 'copy ' ~ this.render() ~ ' from ' ~ literal(file) ~ ' (format csv, header true, auto_detect false, null_padding true)' -%}
    {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {%- for name in optional if name not in agate_table.column_names -%}
        {%- do adapter.add_query(
            'alter table ' ~ this.render() ~ ' add column ' ~ name ~ ' ' ~ model.config.column_types[name],
            abridge_sql_log=True
        ) -%}
    {%- endfor -%}
    {{ return(sql) }}
{% endmacro %}
