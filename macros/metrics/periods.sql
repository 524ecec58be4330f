

{# Those that are metrics of their own; dbt makes one of every measure that a ratio divides, too. Those that Python computes
   are no sum that dbt could know: the mart that has them says them in its `config.meta.metrics`, in the same words. #}
{% macro defined_metrics(computed_by=none) %}
    {%- set all = graph.metrics.values() | list -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
        {%- do all.extend(node.config.meta.get('metrics', [])) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for node in all | sort(attribute='name') -%}
        {%- set meta = node.config.meta -%}
        {%- if meta.version is defined and (computed_by is none or meta.computed_by == computed_by) -%}
            {%- do found.append(node) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# The least number of cases that a ratio or a percentile rests on, and what they are: `minimum_n` of its meta may say what it
   `counts` (the denominator unless said), another number (`at_least`), or why there is none (`exempt`). Metrics with a minimum
   of audits have it there, and one metric over another has what its parts have. #}
{% macro least_of(metric) %}
    {%- set meta = metric.config.meta -%}
    {%- set said = meta.get('minimum_n') or {} -%}
    {%- set is_share = metric.type == 'ratio' or meta.computed_by in ('histogram', 'python') -%}
    {%- if not is_share or meta.minimum == 'audits' or said.get('exempt') -%}
        {{ return({'n': none, 'counted': none, 'exempt': said.get('exempt')}) }}
    {%- endif -%}
    {{ return({'n': said.get('at_least') or var('minimum_n'), 'counted': said.get('counts') or meta.denominator, 'exempt': none}) }}
{% endmacro %}

{# First day of the period of a grain that a day is in. Quarters are fiscal: they begin with `fiscal_year_starts_in`. #}
{% macro period_start(grain, day) %}
    {%- set shift = (var('fiscal_year_starts_in') - 1) % 3 -%}
    {%- set shifted = plus_months(day, -shift) if shift else day -%}
    {%- set quarter = "date_trunc('quarter', " ~ shifted ~ ')' -%}
    {%- set sql -%}
        cast(case {{ grain }}
            when 'day' then {{ day }}
            when 'week' then date_trunc('week', {{ day }})
            when 'month' then date_trunc('month', {{ day }})
            when 'quarter' then {{ plus_months(quarter, shift) if shift else quarter }}
        end as date)
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# First day of the period `step` periods after the one that begins on `start`. #}
{% macro later_period(grain, start, step=1) %}
    {%- set sql -%}
        cast(case {{ grain }}
            when 'day' then {{ start }} + {{ step }}
            when 'week' then {{ start }} + {{ 7 * step }}
            when 'month' then {{ plus_months(start, step) }}
            when 'quarter' then {{ plus_months(start, 3 * step) }}
        end as date)
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Whether a period is over, what counts of it has come, and it did not begin before what is known: `calendar` is int_calendar,
   and `settling` what has settles_after_days, none where it counts at once. #}
{% macro is_whole_period(start, next_start, settling=none) -%}
{%- set days = 'cast(' ~ settling ~ '.settles_after_days as integer)' if settling else '0' -%}
({{ start }} >= calendar.first_day and cast({{ next_start }} as date) + {{ days }} <= calendar.last_day)
{%- endmacro %}

{# Grains of what is not kept by day. #}
{% macro period_grains() %}{{ return(['week', 'month', 'quarter']) }}{% endmacro %}

{% macro grains(named=['day', 'week', 'month', 'quarter']) %}
    {%- set selects = [] -%}
    {%- for grain in named -%}{%- do selects.append("select '" ~ grain ~ "' as grain") -%}{%- endfor -%}
    {{ return(selects | join(' union all ')) }}
{% endmacro %}

{# The grouping sets that put each row once into the whole and once into its member of each of `entities`; columns in `kept`
   are part of every set. A macro, and `noqa: PRS` where it is called, because sqlfluff does not parse grouping sets. #}
{% macro each_slice(kept, entities) %}
    {%- set sets = ['(' ~ kept | join(', ') ~ ')'] -%}
    {%- for entity in entities -%}{%- do sets.append('(' ~ (kept + [entity]) | join(', ') ~ ')') -%}{%- endfor -%}
    {{ return('grouping sets (' ~ sets | join(', ') ~ ')') }}
{% endmacro %}
