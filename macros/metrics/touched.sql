{# Which rows of the tables of metrics a run overwrites: of each semantic model the days that its `touched_by` names in
   touched_metric_days, and of each percentile the periods that those are in. #}

{# Semantic models, or percentiles, by the area that touches them. #}
{% macro by_area(nodes) %}
    {%- set areas = {} -%}
    {%- for node in nodes -%}
        {%- set model = node if node.resource_type == 'semantic_model' else semantic_model_of(measures_of(node)['numerator']) -%}
        {%- do areas.setdefault(model.config.meta.touched_by, []).append(node.name) -%}
    {%- endfor -%}
    {{ return(areas) }}
{% endmacro %}

{# A predicate on a day: true for the days of `area` that this run touches. #}
{% macro in_days_of_area(touched, area, column) %}
    {%- if not is_incremental() -%}{{ return('true') }}{%- endif -%}
    {%- set sql = 'select distinct event_on from ' ~ touched ~ ' where _batch > ' ~ built_through() ~ ' and area = '
        ~ literal(area) ~ ' order by 1' -%}
    {%- set days = run_query(sql).columns[0].values() -%}
    {{ return(column ~ " in (date '" ~ days | join("', date '") ~ "')" if days else 'false') }}
{% endmacro %}

{# Grain, first and last day of the periods in which `area` was touched. #}
{% macro periods_of_area(touched, area) %}
    {%- set sql -%}
        select
            grain,
            cast(begins as varchar),
            cast({{ later_period('grain', 'begins') }} - 1 as varchar)
        from (
            select distinct
                grain,
                {{ period_start('grain', 'event_on') }} as begins
            from {{ touched }}
            cross join ({{ grains() }}) as grains
            where _batch > {{ built_through() }} and area = '{{ area }}'
        ) as periods
        order by 1, 2
    {%- endset -%}
    {{ return(run_query(sql).rows) }}
{% endmacro %}

{# A predicate on `grain` and `period_start`: true for those periods. #}
{% macro in_periods_of_area(touched, area) %}
    {%- if not is_incremental() -%}{{ return('true') }}{%- endif -%}
    {%- set pairs = [] -%}
    {%- for grain, begins, ends in periods_of_area(touched, area) -%}
        {%- do pairs.append("('" ~ grain ~ "', date '" ~ begins ~ "')") -%}
    {%- endfor -%}
    {{ return('(grain, period_start) in (' ~ pairs | join(', ') ~ ')' if pairs else 'false') }}
{% endmacro %}

{# A predicate on a day: true from the first to the last day of those periods, so that storage is pruned. #}
{% macro in_span_of_area(touched, area, column) %}
    {%- if not is_incremental() -%}{{ return('true') }}{%- endif -%}
    {%- set periods = periods_of_area(touched, area) -%}
    {%- if not periods -%}{{ return('false') }}{%- endif -%}
    {{ return(
        column ~ " between date '" ~ periods | map(attribute=1) | min ~ "' and date '" ~ periods | map(attribute=2) | max ~ "'"
    ) }}
{% endmacro %}

{# What to delete from the tables. The outer bounds prune storage, which alternatives do not. #}
{% macro in_touched_metric_days(touched) %}
    {%- set models = [] -%}
    {%- for node in semantic_models() if refreshed_how(node) == 'by_touched_days' and summed(node) -%}
        {%- do models.append(node) -%}
    {%- endfor -%}
    {%- set alternatives = [] -%}
    {%- for area, names in by_area(models).items() -%}
        {%- do alternatives.append(
            'semantic_model in (' ~ literals(names) ~ ') and ' ~ in_days_of_area(touched, area, 'reporting_on')
        ) -%}
    {%- endfor -%}
    {{ return(listed_touched_days(touched, 'reporting_on') ~ ' and (' ~ alternatives | join(' or ') ~ ')') }}
{% endmacro %}

{% macro in_touched_metric_periods(touched) %}
    {%- set alternatives = [] -%}
    {%- for area, names in by_area(defined_metrics('histogram')).items() -%}
        {%- do alternatives.append('metric_id in (' ~ literals(names) ~ ') and ' ~ in_periods_of_area(touched, area)) -%}
    {%- endfor -%}
    {{ return(alternatives | join(' or ')) }}
{% endmacro %}
