{# A figure of a transparency table: its section, its indicator (an SQL expression) and the SQL that selects it by the half-year of
   `relation` and in each of `scopes`: kind -> expression. What it counts has come `settles_after` days after the half-year. #}
{% macro transparency_figure(relation, section, indicator, figure, unit, scopes=none, where='true', settles_after=0) %}
    {%- set selects = [] -%}
    {%- for kind, scope in (scopes or {'total': "'total'"}).items() -%}
        {%- set sql -%}
    select
        '{{ section }}' as section,
        {{ indicator }} as indicator,
        '{{ kind }}' as scope_kind,
        {{ scope }} as scope,
        cast({{ figure }} as double) as figure,
        '{{ unit }}' as unit,
        cast({{ settles_after }} as bigint) as settles_after_days,
        period_start
    from {{ relation }}
    where {{ where }}
    group by all
        {%- endset -%}
        {%- do selects.append(sql) -%}
    {%- endfor -%}
    {{ return({'section': section, 'indicator': indicator, 'sql': selects | join('\n    union all\n')}) }}
{% endmacro %}
