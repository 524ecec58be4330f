{# Percentiles of durations by period, in the slices and scopes of metric_slices. They do not add up over periods, so every
   grain is made from the histogram; days are left to the marts, which have them by finer cells. Metrics that read one
   histogram by one day are made in one pass over it: by pieces that are each of one week and one month, and so of one
   quarter. #}
{% macro metric_quantiles(touched=none) %}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set families = {} -%}
    {%- for metric in defined_metrics('histogram') -%}
        {%- set histogram = metric.config.meta.histogram -%}
        {%- set family = [histogram.model, histogram.day, histogram.where, histogram.value, metric.config.meta.grains] -%}
        {%- do families.setdefault(family | join('|'), []).append(metric) -%}
    {%- endfor -%}
    {%- set sql -%}
    with
    {%- for metrics in families.values() %}
    {%- set family = 'family_' ~ loop.index %}
    {%- set histogram = metrics[0].config.meta.histogram %}
    {%- set parts = parts_of(metrics) %}
    {%- set slices = entities_of(parts[metrics[0].name].models.values() | first) %}
    {%- set predicates = predicates_by_metric(parts, touched, histogram.day) %}
    {%- set own_grains = metrics[0].config.meta.grains or period_grains() %}
    {%- set count = histogram.count or 'row_count' %}

    {{ family }}_pieces as (
        select
            {%- for entity in slices %}
            coalesce({{ entity.expr or entity.name }}, '(none)') as {{ entity.name }},
            {%- endfor %}
            {{ histogram.value or 'bucket' }} as bucket,
            sum({{ count }}) as row_count,
            {%- if 'day' in own_grains %}
            {{ histogram.day }} as piece_on
            {%- else %}
            greatest({{ period_start("'week'", histogram.day) }}, {{ period_start("'month'", histogram.day) }}) as piece_on
            {%- endif %}
        from {{ ref(histogram.model) }}
        where
            {{ histogram.day }} is not null
            and {{ count }} > 0
            and {{ histogram.where or 'true' }}
            and {{ any_of(predicates, [metrics[0].name], 'days') }}
        group by all
    ),

    {{ family }}_sliced as (
        {{ sliced(family ~ '_pieces', slices, ['bucket', 'piece_on'], {'row_count': 'sum(row_count)'}) }}
    ),

    {{ family }}_dated as (
        select
            pieces.* exclude (piece_on),
            grains.grain,
            {{ period_start('grains.grain', 'pieces.piece_on') }} as period_start
        from {{ family }}_sliced as pieces
        cross join ({{ grains(own_grains) }}) as grains
    ),

    {{ family }}_periods as (
        select
            * exclude (row_count),
            sum(row_count) as row_count
        from {{ family }}_dated
        where {{ any_of(predicates, [metrics[0].name], 'periods') }}
        group by all
    ),

    {%- set cell = ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'] %}
    {{ family }}_quantiles as (
        {%- set quantiles = {} -%}
        {%- for metric in metrics -%}{%- do quantiles.update({metric.name: metric.config.meta.histogram.quantile}) -%}{%- endfor %}
        {{ histogram_quantiles(family ~ '_periods', cell, quantiles, is_value=histogram.value) }}
    ),
    {%- endfor %}

    united as (
        {%- for metrics in families.values() %}
        {%- set outer = loop %}
        {%- for metric in metrics %}
        select
            '{{ metric.name }}' as metric_id,
            grain,
            scope_type,
            scope,
            slice_type,
            slice,
            cast(row_count as bigint) as n,
            cast({{ metric.name }} as double) as metric_value,
            period_start
        from family_{{ outer.index }}_quantiles
        where
            slice_type in ({{ literals(['all'] + metric.config.meta.allowed_slices) }})
            and scope_type in ({{ literals(['all'] + metric.config.meta.allowed_slices) }})
        {{ 'union all' if not (loop.last and outer.last) }}
        {%- endfor %}
        {%- endfor %}
    )

    select * from united
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
