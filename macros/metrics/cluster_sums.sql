{# What intervals need of the metrics that are estimated from audits: by period, scope and slice, the weighted sums of
   numerator and denominator, and how their sums by cluster vary together. A cluster's own sums leave no trace: of many
   decisions of one moderator, only squares and products are kept. Metrics are those of `semantic_model` whose
   `interval_method` is hajek; `relation` has the columns of its model, one row per audit, and `cluster`; `arms` are
   more pairs of sums by name, in all its slices. Cells of fewer
   audits than may be published are left out before what is dear. #}
{% macro metric_cluster_sums(semantic_model, relation, cluster, touched, arms={}) %}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set node = graph.semantic_models['semantic_model.' ~ project_name ~ '.' ~ semantic_model] -%}
    {%- set area = node.config.meta.touched_by -%}
    {%- set day = day_of(node) -%}
    {%- set measures = {} -%}
    {%- for measure in node.measures -%}
        {%- do measures.update({measure.name: measure.expr or measure.name}) -%}
    {%- endfor -%}
    {%- set ratios = {} -%}
    {%- for name, pair in arms.items() -%}
        {%- do ratios.update({name: {'y': pair[0], 'w': pair[1], 'slices': entities_of(node) | map(attribute='name') | list}}) -%}
    {%- endfor -%}
    {%- set columns = ['judged', 'final_squared_weight', 'provisional_audits'] -%}
    {%- for metric in defined_metrics('sql') if metric.config.meta.interval_method == 'hajek' -%}
        {%- set of_metric = measures_of(metric) -%}
        {%- if of_metric['denominator'] in measures -%}
            {%- do ratios.update({metric.name: {
                'y': measures[of_metric['numerator']],
                'w': measures[of_metric['denominator']],
                'slices': metric.config.meta.allowed_slices,
            }}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for ratio in ratios.values() -%}
        {%- for column in modules.re.findall('[a-z_]+', ratio.y ~ ' ' ~ ratio.w) if column not in columns -%}
            {%- do columns.append(column) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set sums = {} -%}
    {%- for column in columns -%}{%- do sums.update({column: 'sum(' ~ column ~ ')'}) -%}{%- endfor -%}
    {%- set cell = ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'] -%}
    {%- set sql -%}
    with audits as (
        select
            {%- for entity in entities_of(node) %}
            coalesce({{ entity.expr or entity.name }}, '(none)') as {{ entity.name }},
            {%- endfor %}
            {%- for column in columns %}
            {{ column }},
            {%- endfor %}
            {{ cluster }} as cluster_id,
            greatest({{ period_start("'week'", day) }}, {{ period_start("'month'", day) }}) as piece_on
        from {{ relation }}
        where {{ in_span_of_area(touched, area, day) }}
    ),

    sliced as (
        {{ sliced('audits', entities_of(node), ['cluster_id', 'piece_on'], sums) }}
    ),

    dated as (
        select
            sliced.* exclude (piece_on),
            grains.grain,
            {{ period_start('grains.grain', 'sliced.piece_on') }} as period_start
        from sliced
        cross join ({{ grains(period_grains()) }}) as grains
    ),

    published as (
        select {{ cell | join(', ') }}
        from dated
        where {{ in_periods_of_area(touched, area) }}
        group by {{ cell | join(', ') }}
        having sum(judged) >= {{ var('minimum_audits') }}
    ),

    clusters as (
        select
            {% for name in cell %}dated.{{ name }}, {% endfor %}
            {%- for column in columns %}
            cast(sum(dated.{{ column }}) as decimal(28, 6)) as {{ column }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from dated
        inner join published
            on {% for name in cell %}dated.{{ name }} = published.{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
        group by {% for name in cell %}dated.{{ name }}, {% endfor %} dated.cluster_id
    ),

    summed as (
        select
            {{ cell | join(', ') }},
            cast(sum(provisional_audits) as bigint) as provisional_audits,
            sum(final_squared_weight) / nullif(sum({{ measures['judged_weight'] }}), 0) as mean_weight
            {%- for name, ratio in ratios.items() %}
            {%- set y, w = '(' ~ ratio.y ~ ')', '(' ~ ratio.w ~ ')' %},
            count(*) filter (where {{ w }} > 0) as {{ name }}_clusters,
            sum({{ w }}) as {{ name }}_weight,
            sum({{ y }}) as {{ name }}_weighted,
            {%- for part, a, b in [('yy', y, y), ('yw', y, w), ('ww', w, w)] %}
            sum(cast({{ a }} as decimal(28, 6)) * cast({{ b }} as decimal(18, 6))) as {{ name }}_cluster_{{ part }}
            {{- ',' if not loop.last }}
            {%- endfor %}
            {%- endfor %}
        from clusters
        group by {{ cell | join(', ') }}
    ),

    united as (
        {%- for name, ratio in ratios.items() %}
        select
            '{{ name }}' as metric_id,
            {{ cell[:-1] | join(', ') }},
            cast({{ name }}_clusters as bigint) as clusters,
            provisional_audits,
            {%- for part in ['weight', 'weighted', 'cluster_yy', 'cluster_yw', 'cluster_ww'] %}
            cast({{ name }}_{{ part }} as decimal(38, 12)) as {{ part }},
            {%- endfor %}
            -- As if audits that count here weighed, by weight, what all of the slice do.
            cast({{ name }}_weight * mean_weight as double) as squared_weight,
            period_start
        from summed
        where slice_type in ({{ literals(['all'] + ratio.slices) }}) and {{ name }}_weight > 0
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

    select
        *,
        {{ batch() }} as _batch
    from united
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Which rows of that a run overwrites. #}
{% macro in_touched_verdict_periods(touched) %}{{ return(in_periods_of_area(touched, 'verdicts')) }}{% endmacro %}
