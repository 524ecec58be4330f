{# Every metric that is sums over sums, by period: numerator, denominator and what an interval needs of them. `relations`
   says how measures are refreshed, and where they stand by day and slice (see metric_slices). Each metric reads its own
   columns and rows, so that who asks one does not wait for the others. #}
{% macro metric_series(relations) %}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set sql -%}
    with grains as (
        {{ grains() }}
    ),

    {%- for metric in defined_metrics('sql') %}
    {%- set meta = metric.config.meta %}
    {%- set columns = columns_of_metric(metric) %}

    {{ metric.name }}_days as (
        {{ days_of_metric(metric, columns, relations) }}
    ),

    {{ metric.name }}_periods as (
        select
            '{{ metric.name }}' as metric_id,
            grains.grain,
            days.scope_type,
            days.scope,
            days.slice_type,
            days.slice,
            {%- for part in ['numerator', 'denominator', 'sum_of_squares', 'n', 'needed'] %}
            {{ 'sum(days.' ~ part ~ ')' if columns[part] else 'null' }} as {{ part }},
            {%- endfor %}
            {{ people_at_least(union_of_people('days.people_bits')) if columns.people_bits else 'null' }} as people_at_least,
            {{ period_start('grains.grain', 'days.reporting_on') }} as period_start
        from {{ metric.name }}_days as days
        cross join grains
        {%- if meta.grains %}
        where grains.grain in ({{ literals(meta.grains) }})
        {%- endif %}
        group by
            grains.grain, days.scope_type, days.scope, days.slice_type, days.slice,
            {{ period_start('grains.grain', 'days.reporting_on') }}
    )
    {{- ',' if not loop.last }}
    {%- endfor %}

    {%- for metric in defined_metrics('sql') %}
    {%- set is_ratio = metric.type != 'simple' %}
    {%- set needs = metric.config.meta.needs %}
    {%- set of_all = metric.config.meta.needs_of_all %}
    {%- set needed = 'needed' if not of_all else
        'case when slice_type in (' ~ literals(of_all) ~ ") then max(case when slice_type = 'all' then needed end) over ("
        ~ 'partition by grain, scope_type, scope, period_start) else needed end' %}
    select
        metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        {{ 'case when ' ~ needed ~ ' = 0 then null else coalesce(numerator, 0) end' if needs
            else 'coalesce(numerator, 0)' if is_ratio else 'numerator' }} as numerator,
        denominator,
        sum_of_squares,
        n,
        people_at_least,
        {{ 'case when ' ~ needed ~ ' = 0 then ' ~ literal(needs.reason) ~ ' end' if needs else 'null' }} as not_estimable_reason,
        period_start
    from {{ metric.name }}_periods
    where {{ 'denominator' if is_ratio else 'numerator' }} is not null
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# The columns that hold the parts of a metric, none where it has no such part. #}
{% macro columns_of_metric(metric) %}
    {%- set meta = metric.config.meta -%}
    {%- set measures = measures_of(metric) -%}
    {%- set node = semantic_model_of(measures['denominator'] or measures['numerator']) -%}
    {{ return({
        'numerator': measures['numerator'],
        'denominator': measures['denominator'],
        'sum_of_squares': meta.get('sum_of_squares'),
        'n': meta.get('n'),
        'needed': meta.needs.measure if meta.needs else none,
        'people_bits': node.name ~ '_people_bits' if node.config.meta.get('people') else none,
    }) }}
{% endmacro %}

{# The parts of a metric by day, scope and slice, of the semantic models that they are of: rows of several stand side by
   side. #}
{% macro days_of_metric(metric, columns, relations) %}
    {%- set models = {} -%}
    {%- for part, column in columns.items() if column and part != 'people_bits' -%}
        {%- set node = semantic_model_of(column) -%}
        {%- do models.update({node.name: node}) -%}
    {%- endfor -%}
    {%- set sql -%}
        {%- for name, node in models.items() %}
        select
            scope_type,
            scope,
            slice_type,
            slice,
            {%- for part, column in columns.items() if column %}
            {%- set is_here = column == name ~ '_people_bits' or column in node.measures | map(attribute='name') | list %}
            {{ column if is_here else 'null' }} as {{ part }},
            {%- endfor %}
            reporting_on
        from {{ relations[refreshed_how(node)] }}
        where
            semantic_model = '{{ name }}'
            and slice_type in ({{ literals(['all'] + metric.config.meta.allowed_slices) }})
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
