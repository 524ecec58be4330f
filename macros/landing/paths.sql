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
