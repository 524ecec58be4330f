{# The one door from landed Parquet to the warehouse. It reads the files that the inventory of this run lists, so that an
   absent table is an empty one, and a file that arrives during a run waits for the next. #}

{# Files of one table that are not in `seen` yet, with their columns; all files in a first build or a full refresh. #}
{% macro unseen_files(source_name, table_name, seen) %}
    {%- set files = landing_relation('files') -%}
    {#- Before the first build there is no inventory: nothing has landed. #}
    {%- if load_relation(files) is none -%}{{ return([]) }}{%- endif -%}
    {%- set sql -%}
        select landed_file, columns_ from {{ files }}
        where source_table = {{ literal(source_name ~ '.' ~ table_name) }} and not is_rejected and row_count > 0
        {%- if seen is not none %} and landed_file not in (select distinct _file from {{ seen }}){% endif %}
        order by landed_file
    {%- endset -%}
    {{ return(run_query(sql).rows) }}
{% endmacro %}

{# The rows of `files` in the contract's columns and types, with what could not be typed, and where it came from.
   One branch per set of columns that occurs among the files, so that a file typed as the contract says is read without a
   cast. #}
{% macro landed_rows(source_name, table_name, files) %}
    {%- set columns = contract_columns(source_name, table_name) -%}
    {%- set root = landing_root() -%}
    {%- if not files -%}{{ return(no_landed_rows(columns)) }}{%- endif -%}
    {%- set by_columns = {} -%}
    {%- for row in files -%}
        {%- do by_columns.setdefault(row['columns_'], []).append(root ~ '/' ~ row['landed_file']) -%}
    {%- endfor -%}
    {%- set branches = [] -%}
    {%- for text, members in by_columns.items() -%}
        {%- set types = fromjson(text) -%}
        {#- A file that has a column of that name is numbered by row order, which DuckDB gives for one file at a time. #}
        {%- for part in (members | batch(1) if 'file_row_number' in types else [members]) -%}
            {%- do branches.append(landed_branch(columns, types, part, root)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return('(' ~ branches | join('\nunion all\n') ~ ')') }}
{% endmacro %}

{% macro landed_branch(columns, types, paths, root) %}
    {%- set typed, faults, reasons = [], [], [] -%}
    {%- for column in columns -%}
        {%- set quoted = adapter.quote(column.name) -%}
        {%- if column.name not in types -%}
            {%- do typed.append('cast(null as ' ~ column.type ~ ') as ' ~ quoted) -%}
        {%- else -%}
            {%- set value, fault = typed_column(column, types[column.name]) -%}
            {%- do typed.append(value if value == quoted else value ~ ' as ' ~ quoted) -%}
            {%- if fault is not none -%}
                {%- do faults.append(fault) -%}
                {%- do reasons.append('case when ' ~ fault ~ " then 'untypeable_" ~ column.name ~ "' end") -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set technical = {} -%}
    {%- for name, type in {'_line': 'BIGINT', '_landed_at': 'TIMESTAMP', '_source_system': 'VARCHAR'}.items() -%}
        {%- set value = typed_column({'name': name, 'type': type}, types[name])[0] if name in types else 'null' -%}
        {%- do technical.update({name: 'cast(' ~ value ~ ' as ' ~ type ~ ')'}) -%}
    {%- endfor -%}
    {%- set number = '(row_number() over () - 1)' if 'file_row_number' in types else 'file_row_number' -%}
    {%- set sql -%}
        select
            {{ typed | join(',\n            ') }},
            {#- Reasons are written where there is any: a text for each row would be dear. #}
            {% if faults -%}
            case when {{ faults | join(' or ') }} then concat_ws(',', {{ reasons | join(', ') }}) end
            {%- else -%}
            cast(null as varchar)
            {%- endif %} as _untypeable,
            {#- By a name that no file has: a column of its own may be called filename. #}
            substr(_landed_from, {{ root | length + 2 }}) as _file,
            {{ number }} as _row,
            coalesce({{ technical['_line'] }}, {{ number }} + 1) as _line,
            {{ technical['_landed_at'] }} as _landed_at,
            coalesce({{ technical['_source_system'] }}, {{ literal(var('source_system', 'pipeline')) }}) as _source_system
        from read_parquet([{{ path_literals(paths) }}],
            filename = '_landed_from', {{ 'file_row_number = true, ' if 'file_row_number' not in types }}union_by_name = true,
            hive_partitioning = false)
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{% macro no_landed_rows(columns) %}
    {%- set sql -%}
        (select
            {% for column in columns -%}
            cast(null as {{ column.type }}) as {{ adapter.quote(column.name) }},
            {% endfor -%}
            cast(null as varchar) as _untypeable,
            cast(null as varchar) as _file,
            cast(null as bigint) as _row,
            cast(null as bigint) as _line,
            cast(null as timestamp) as _landed_at,
            cast(null as varchar) as _source_system
        where false)
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
