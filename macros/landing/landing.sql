{# The one door from landed Parquet to the warehouse. Asks which files there are before it reads any, so that an
   absent table is an empty one. A file that `plumbline land` wrote (*.land.parquet) counts only when the ledger
   names it: what a crashed call left behind is not there. #}

{# SQL that lists the files that count, relative to the root: all of them, or those of one table. #}
{% macro landed_files_sql(source_name='*', table_name='*') %}
    {%- set sql -%}
        select file
        from (
            select substr(file, {{ landing_root() | length + 2 }}) as file
            from glob({{ landing_pattern(source_name ~ '/' ~ table_name ~ '/landed_on=*/*.parquet') }})
        )
        where file not like '%.land.parquet'
        {%- if has_ledger() %} or file in (select landed_file from {{ ledger_source() }}){% endif %}
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Files of one table that `seen` does not hold yet; all when it does not exist or is to be made anew. #}
{% macro unseen_files(source_name, table_name, seen) %}
    {%- set sql -%}
        select file from ({{ landed_files_sql(source_name, table_name) }})
        {% if seen is not none -%} where file not in (select distinct _file from {{ seen }}) {%- endif %}
        order by file
    {%- endset -%}
    {{ return(run_query(sql).columns[0].values() | list) }}
{% endmacro %}

{# The rows of unseen files in the contract's columns and types, with what could not be typed, and where it came from.
   One branch per schema that occurs among the files, so that a file typed as the contract says is read without a cast. #}
{% macro landed_rows(source_name, table_name) %}
    {%- set columns = contract_columns(source_name, table_name) -%}
    {%- set root = landing_root() -%}
    {%- set files = unseen_files(source_name, table_name, this if is_incremental() else none) -%}
    {%- if not files -%}{{ return(no_landed_rows(columns)) }}{%- endif -%}
    {%- set paths = [] -%}
    {%- for file in files -%}{%- do paths.append(root ~ '/' ~ file) -%}{%- endfor -%}
    {%- set by_schema = {} -%}
    {%- for row in run_query(schemas_sql(paths)).rows -%}
        {%- do by_schema.setdefault(row['schema'], []).append(row['file_name']) -%}
    {%- endfor -%}
    {%- set branches = [] -%}
    {%- for members in by_schema.values() -%}
        {%- set types = top_level_types(members[0]) -%}
        {#- A file with a column of that name is numbered by the order of its rows, which is told of one file alone. #}
        {%- for part in (members | batch(1) if 'file_row_number' in types else [members]) -%}
            {%- do branches.append(landed_branch(columns, types, part, root)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return('(' ~ branches | join('\nunion all\n') ~ ')') }}
{% endmacro %}

{# SQL of each file's schema as one text, by which files are alike: in any order, unless something lies in a column. #}
{% macro schemas_sql(paths) %}
    {%- set line = "concat_ws(' ', lower(name), duckdb_type, num_children), chr(10)" -%}
    {%- set sql -%}
        select
            file_name,
            case
                when count(num_children) > 1 then string_agg({{ line }} order by column_id)
                else string_agg({{ line }} order by lower(name))
            end as schema
        from parquet_schema([{{ path_literals(paths) }}])
        group by file_name
        order by file_name
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# The types of a file's columns by their names in small letters: of the columns themselves, not of what lies in a list,
   struct or map, which is `nested`. A name that two columns have, but for capitals, is there `twice`. #}
{% macro top_level_types(path) %}
    {%- set types = {} -%}
    {%- set below = namespace(fields=1) -%}
    {%- for row in run_query(
        'select name, duckdb_type, coalesce(num_children, 0) as children from parquet_schema([' ~ path_literal(path)
        ~ ']) order by column_id'
    ).rows -%}
        {#- Children follow their parent; the first row is the whole, whose children are the columns. #}
        {%- set is_column = not loop.first and below.fields == 0 -%}
        {%- if loop.first -%}{%- set below.fields = 0 -%}
        {%- elif is_column -%}
            {%- set below.fields = row['children'] | int -%}
            {%- set name = row['name'] | lower -%}
            {%- set type = 'nested' if row['children'] | int else row['duckdb_type'] -%}
            {%- do types.update({name: 'twice' if name in types else type}) -%}
        {%- else -%}{%- set below.fields = below.fields - 1 + row['children'] | int -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(types) }}
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
