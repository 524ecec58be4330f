{# The one door from landed Parquet to the warehouse. Asks which files there are before it reads any, so that an
   absent table is an empty one. A file that `plumbline land` wrote (*.land.parquet) counts only when the ledger
   names it: what a crashed call left behind is not there. #}

{% macro landing_root() %}{{ return(env_var('PLUMBLINE_LANDING', 'data/landing').rstrip('/')) }}{% endmacro %}

{# SQL that lists the files that count, relative to the root: all of them, or those of one table. #}
{% macro landed_files_sql(source_name='*', table_name='*') %}
    {%- set root = landing_root() -%}
    {%- set ledger = root ~ '/_ledger/landed_on=*/*.parquet' -%}
    {%- set has_ledger = run_query('select 1 from glob(' ~ literal(ledger) ~ ') limit 1').rows | length > 0 -%}
    {%- set pattern = root ~ '/' ~ source_name ~ '/' ~ table_name ~ '/landed_on=*/*.parquet' -%}
    {%- set sql -%}
        select file
        from (
            select substr(file, {{ root | length + 2 }}) as file
            from glob({{ literal(pattern) }})
        )
        where file not like '%.land.parquet'
        {%- if has_ledger %} or file in (select landed_file from read_parquet({{ literal(ledger) }})){% endif %}
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
    {%- set schemas = run_query(
        "select file_name, string_agg(lower(name) || ' ' || duckdb_type, ', ' order by lower(name)) as schema"
        ~ " from parquet_schema([" ~ literals(paths) ~ "]) where duckdb_type is not null and num_children is null"
        ~ " group by file_name order by file_name"
    ) -%}
    {%- set by_schema = {} -%}
    {%- for row in schemas.rows -%}
        {%- do by_schema.setdefault(row['schema'], []).append(row['file_name']) -%}
    {%- endfor -%}
    {%- set branches = [] -%}
    {%- for schema, members in by_schema.items() -%}
        {%- do branches.append(landed_branch(columns, schema, members, root)) -%}
    {%- endfor -%}
    {{ return('(' ~ branches | join('\nunion all\n') ~ ')') }}
{% endmacro %}

{% macro landed_branch(columns, schema, paths, root) %}
    {%- set types = {} -%}
    {%- for entry in schema.split(', ') -%}
        {%- do types.update({entry.split(' ')[0]: entry.split(' ')[1:] | join(' ')}) -%}
    {%- endfor -%}
    {%- set typed, untypeable = [], [] -%}
    {%- for column in columns -%}
        {%- set found = types.get(column.name) -%}
        {%- set raw = adapter.quote(column.name) -%}
        {%- if found is none -%}
            {%- do typed.append('cast(null as ' ~ column.type ~ ') as ' ~ raw) -%}
        {%- elif found == column.type and not is_in_range(raw, column.type) -%}
            {%- do typed.append(raw) -%}
        {%- else -%}
            {%- if found == 'VARCHAR' -%}{%- set raw = "nullif(trim(" ~ raw ~ "), '')" -%}{%- endif -%}
            {%- set cast = raw if found == column.type else try_cast_exactly(raw, column.type) -%}
            {%- set in_range = is_in_range(cast, column.type) -%}
            {%- set value = 'case when ' ~ in_range ~ ' then ' ~ cast ~ ' end' if in_range else cast -%}
            {%- do typed.append(value ~ ' as ' ~ adapter.quote(column.name)) -%}
            {%- do untypeable.append((column.name, raw ~ ' is not null and ' ~ (
                '(' ~ in_range ~ ') is not true' if in_range else cast ~ ' is null'
            ))) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set faults, reasons = [], [] -%}
    {%- for name, fault in untypeable -%}
        {%- do faults.append(fault) -%}
        {%- do reasons.append('case when ' ~ fault ~ " then 'untypeable_" ~ name ~ "' end") -%}
    {%- endfor -%}
    {%- set sql -%}
        select
            {{ typed | join(',\n            ') }},
            {#- Reasons are written where there is any: a text for each row would be dear. #}
            {% if faults -%}
            case when {{ faults | join(' or ') }} then concat_ws(',', {{ reasons | join(', ') }}) end
            {%- else -%}
            cast(null as varchar)
            {%- endif %} as _untypeable,
            substr(filename, {{ root | length + 2 }}) as _file,
            file_row_number as _row,
            {{ 'coalesce(try_cast(_line as bigint), file_row_number + 1)' if '_line' in types else 'file_row_number + 1' }} as _line,
            {{ 'try_cast(_landed_at as timestamp)' if '_landed_at' in types else 'cast(null as timestamp)' }} as _landed_at,
            {{ source_system_expression(types) }} as _source_system
        from read_parquet([{{ literals(paths) }}],
            filename = true, file_row_number = true, union_by_name = true, hive_partitioning = false)
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# A cast that loses nothing: 1.5 is no whole number, and rounding it would change it in silence. #}
{% macro try_cast_exactly(raw, type) %}
    {%- if type != 'BIGINT' -%}{{ return('try_cast(' ~ raw ~ ' as ' ~ type ~ ')') }}{%- endif -%}
    {{ return('case when try_cast(' ~ raw ~ ' as decimal(38, 9)) = try_cast(' ~ raw ~ ' as bigint) then try_cast('
        ~ raw ~ ' as bigint) end') }}
{% endmacro %}

{# Whether a value is one that can be counted with: a number that is one and has an end, a day of years 1 to 9999. Empty for types
   of which every value is. #}
{% macro is_in_range(value, type) %}
    {%- if type == 'DOUBLE' -%}{{ return('isfinite(' ~ value ~ ')') }}{%- endif -%}
    {%- if type == 'DATE' -%}{{ return(value ~ " between date '0001-01-01' and date '9999-12-31'") }}{%- endif -%}
    {%- if type == 'TIMESTAMP' -%}
        {{ return(value ~ " between timestamp '0001-01-01' and timestamp '9999-12-31 23:59:59.999999'") }}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}

{% macro source_system_expression(types) %}
    {%- set configured = literal(var('source_system', 'pipeline')) -%}
    {{ return('coalesce(_source_system, ' ~ configured ~ ')' if types.get('_source_system') == 'VARCHAR' else configured) }}
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
