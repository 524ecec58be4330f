{# Percentiles of durations by period, in the slices and scopes of metric_slices. They do not add up over periods, so every
   grain is made from the histogram; days are left to the marts, which have them by finer cells. Metrics that read one
   histogram by one day are made in one pass. #}
{% macro metric_quantiles(touched) %}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set families = {} -%}
    {%- for metric in defined_metrics('histogram') -%}
        {%- set histogram = metric.config.meta.histogram -%}
        {%- do families.setdefault([histogram.model, histogram.day, histogram.where or 'true'] | join('|'), []).append(metric) -%}
    {%- endfor -%}
    {%- set sql -%}
    with grains as (
        {{ grains(period_grains()) }}
    ),
    {%- for metrics in families.values() %}
    {%- set family = 'family_' ~ loop.index %}
    {%- set histogram = metrics[0].config.meta.histogram %}
    {%- set slices = entities_of(semantic_model_of(measures_of(metrics[0])['numerator'])) %}

    {{ family }}_dated as (
        select
            grains.grain,
            {%- for entity in slices %}
            coalesce(histogram.{{ entity.expr or entity.name }}, '(none)') as {{ entity.name }},
            {%- endfor %}
            histogram.bucket,
            histogram.row_count,
            {{ period_start('grains.grain', 'histogram.' ~ histogram.day) }} as period_start
        from {{ ref(histogram.model) }} as histogram
        cross join grains
        where
            histogram.{{ histogram.day }} is not null
            and {{ histogram.where or 'true' }}
            and {{ in_touched_span(touched, 'histogram.' ~ histogram.day) }}
    ),

    {{ family }}_cells as (
        select
            * exclude (row_count),
            sum(row_count) as row_count
        from {{ family }}_dated
        where {{ in_touched_days(touched, 'period_start') }}
        group by all
    ),

    {{ family }}_sliced as (
        {{ sliced(family ~ '_cells', slices, ['grain', 'period_start', 'bucket'],
            {'row_count': 'sum(row_count)'}) }}
    ),

    {%- set cell = ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'] %}
    {{ family }}_quantiles as (
        {%- set quantiles = {} -%}
        {%- for metric in metrics -%}{%- do quantiles.update({metric.name: metric.config.meta.histogram.quantile}) -%}{%- endfor %}
        {{ histogram_quantiles(family ~ '_sliced', cell, quantiles) }}
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
        where slice_type in ({{ literals(['all'] + metric.config.meta.allowed_slices) }})
        {{ 'union all' if not (loop.last and outer.last) }}
        {%- endfor %}
        {%- endfor %}
    )

    select
        *,
        {{ batch() }} as _batch
    from united
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
