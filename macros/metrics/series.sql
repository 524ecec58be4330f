{# Every metric that is sums over sums, by period: numerator, denominator and what an interval needs of them. `relations`
   says how measures are refreshed, and where they stand by day and slice (see metric_slices). #}
{% macro metric_series(relations) %}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set metrics = defined_metrics('sql') -%}
    {%- set ratios = literals(metrics | rejectattr('type', 'equalto', 'simple') | map(attribute='name')) -%}
    {%- set sql -%}
    with daily as (
        {%- for refreshed, relation in relations.items() %}
        select
            scope_type,
            scope,
            slice_type,
            slice,
            {%- for node in semantic_models() %}
            {%- set is_here = refreshed_how(node) == refreshed %}
            {%- for measure in summed(node) %}
            {{ measure.name if is_here else 'null as ' ~ measure.name }},
            {%- endfor %}
            {%- if node.config.meta.get('people') %}
            {{ node.name ~ '_people_bits' if is_here else 'null as ' ~ node.name ~ '_people_bits' }},
            {%- endif %}
            {%- endfor %}
            reporting_on
        from {{ relation }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    grains as (
        {{ grains() }}
    ),

    periods as (
        select
            grains.grain,
            daily.scope_type,
            daily.scope,
            daily.slice_type,
            daily.slice,
            {%- for node in semantic_models() %}
            {%- for measure in summed(node) %}
            sum(daily.{{ measure.name }}) as {{ measure.name }},
            {%- endfor %}
            {%- if node.config.meta.get('people') %}
            {{ people_at_least(union_of_people('daily.' ~ node.name ~ '_people_bits')) }} as {{ node.name }}_people,
            {%- endif %}
            {%- endfor %}
            {{ period_start('grains.grain', 'daily.reporting_on') }} as period_start
        from daily
        cross join grains
        group by
            grains.grain, daily.scope_type, daily.scope, daily.slice_type, daily.slice,
            {{ period_start('grains.grain', 'daily.reporting_on') }}
    ),

    metrics as (
        {%- for metric in metrics %}
        select '{{ metric.name }}' as metric_id
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ),

    measured as (
        select
            metrics.metric_id,
            periods.grain,
            periods.scope_type,
            periods.scope,
            periods.slice_type,
            periods.slice,
            {%- for part in ['numerator', 'denominator', 'sum_of_squares', 'n', 'needed', 'people_at_least'] %}
            case metrics.metric_id
                {%- for metric in metrics if part_of_metric(metric, part) %}
                when '{{ metric.name }}' then periods.{{ part_of_metric(metric, part) }}
                {%- endfor %}
            end as {{ part }},
            {%- endfor %}
            metrics.metric_id in ({{ ratios }}) as is_ratio,
            case metrics.metric_id
                {%- for metric in metrics if metric.config.meta.needs %}
                when '{{ metric.name }}' then {{ literal(metric.config.meta.needs.reason) }}
                {%- endfor %}
            end as needed_reason,
            periods.period_start
        from periods
        cross join metrics
        where
            case metrics.metric_id
                {%- for metric in metrics %}
                when '{{ metric.name }}' then periods.slice_type in ({{ literals(['all'] + metric.config.meta.allowed_slices) }})
                {%- endfor %}
            end
            {%- for metric in metrics if metric.config.meta.grains %}
            and (metrics.metric_id <> '{{ metric.name }}' or periods.grain in ({{ literals(metric.config.meta.grains) }}))
            {%- endfor %}
    )

    select
        metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        case when needed = 0 then null when is_ratio then coalesce(numerator, 0) else numerator end as numerator,
        denominator,
        sum_of_squares,
        n,
        people_at_least,
        case when needed = 0 then needed_reason end as not_estimable_reason,
        period_start
    from measured
    where case when is_ratio then denominator is not null else numerator is not null end
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# The column that holds a part of a metric, none where it has no such part. #}
{% macro part_of_metric(metric, part) %}
    {%- set meta = metric.config.meta -%}
    {%- set measures = measures_of(metric) -%}
    {%- if part in ('numerator', 'denominator') -%}{{ return(measures[part]) }}{%- endif -%}
    {%- if part == 'needed' -%}{{ return(meta.needs.measure if meta.needs else none) }}{%- endif -%}
    {%- if part == 'people_at_least' -%}
        {%- set node = semantic_model_of(measures['denominator'] or measures['numerator']) -%}
        {{ return(node.name ~ '_people' if node.config.meta.get('people') else none) }}
    {%- endif -%}
    {{ return(meta.get(part)) }}
{% endmacro %}
