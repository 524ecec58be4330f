{# Where the landing is, and the only place where a path becomes a pattern: DuckDB takes [ ], * and ? in any path that it
   reads for one, so that a folder of such a name would read as empty. #}

{# One slash between names, and a ~ that is a name, so that what DuckDB says of a file begins with the root. #}
{% macro landing_root() %}
    {%- set root = modules.re.sub('(?<!:)/+', '/', env_var('PLUMBLINE_LANDING', 'data/landing')).rstrip('/') -%}
    {{ return('./' ~ root if root.startswith('~') else root) }}
{% endmacro %}

{# A path as a pattern of itself, as SQL. #}
{% macro path_literal(path) %}{{ return(literal(modules.re.sub('([*?[])', '[\\1]', path))) }}{% endmacro %}

{% macro path_literals(paths) %}
    {%- set quoted = [] -%}
    {%- for path in paths -%}{%- do quoted.append(path_literal(path)) -%}{%- endfor -%}
    {{ return(quoted | join(', ')) }}
{% endmacro %}

{# The files under the root that a pattern names, as SQL. #}
{% macro landing_pattern(pattern) %}
    {{ return(literal(modules.re.sub('([*?[])', '[\\1]', landing_root()) ~ '/' ~ pattern)) }}
{% endmacro %}

{# Where the ledger of `plumbline land` is. Calls of different versions differ in columns. #}
{% macro ledger_source() %}
    {{ return('read_parquet(' ~ landing_pattern('_ledger/landed_on=*/*.parquet')
        ~ ', union_by_name = true, hive_partitioning = false)') }}
{% endmacro %}

{% macro has_ledger() %}
    {{ return(run_query('select 1 from glob(' ~ landing_pattern('_ledger/landed_on=*/*.parquet') ~ ') limit 1').rows | length > 0) }}
{% endmacro %}
