{# What intervals need of the metrics that are estimated from audits: by period, scope and slice, the weighted sums of
   numerator and denominator, and how their sums by moderator vary together. A moderator's own sums leave no trace: only
   squares and products are kept. Metrics are those of the semantic model `verdicts` whose `interval_method` is hajek;
   `audits` has the columns of its model, one row per drawn audit; `arms` are more pairs of sums by name, in the slices of
   the accuracy that is made of them.
   Cells of fewer audits than may be published are left out before what is dear; by moderator only weights are summed, and by
   numbers of cells instead of their names. They are summed as whole millionths, which a double holds exactly up to nine
   billion decisions of one moderator: half as large as a sum of decimals, and the same in any order. #}
{% macro verdict_cluster_sums(audits, arms, touched=none) %}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set node = graph.semantic_models['semantic_model.' ~ project_name ~ '.verdicts'] -%}
    {%- set day = day_of(node) -%}
    {%- set verdicts_touched = touched_verdicts(touched, day) -%}
    {%- set measures = {} -%}
    {%- for measure in node.measures -%}
        {%- do measures.update({measure.name: measure.expr or measure.name}) -%}
    {%- endfor -%}
    {%- set ratios = verdict_ratios(measures, arms) -%}
    {%- set weights, counts, sums = [], ['judged', 'provisional_audits', 'final_squared_weight'], {} -%}
    {%- for ratio in ratios.values() -%}
        {%- do weights.extend(modules.re.findall('[a-z_]+', ratio.y ~ ' ' ~ ratio.w)) -%}
        {%- do counts.extend(modules.re.findall('[a-z_]+', measures[ratio.needs.measure] if ratio.needs else '')) -%}
    {%- endfor -%}
    {%- set weights, counts = weights | unique | list, counts | unique | list -%}
    {%- for column in counts + weights -%}{%- do sums.update({column: 'sum(' ~ column ~ ')'}) -%}{%- endfor -%}
    {%- set cell = ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'] -%}
    {%- set sql -%}
    with audits as (
        select
            {%- for entity in entities_of(node) %}
            coalesce({{ entity.expr or entity.name }}, '(none)') as {{ entity.name }},
            {%- endfor %}
            {%- for column in counts %}
            {{ column }},
            {%- endfor %}
            {%- for column in weights %}
            cast(1000000 * {{ column }} as double) as {{ column }},
            {%- endfor %}
            -- Eight bytes of it: only equal ones are put together.
            {{ hash64(['moderator_key']) }} as moderator,
            greatest({{ period_start("'week'", day) }}, {{ period_start("'month'", day) }}) as piece_on
        from {{ audits }}
        where {{ verdicts_touched['days'] }}
            -- The last week of a slice may end after it.
            and {{ day }} between {{ first_of_slice() }} and {{ last_of_slice() }} + 6
    ),

    sliced as (
        {{ sliced('audits', entities_of(node), ['moderator', 'piece_on'], sums) }}
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
        select
            {{ cell | join(', ') }},
            row_number() over (order by {{ cell | join(', ') }}) as cell_number,
            {%- for name, ratio in ratios.items() if ratio.needs %}
            sum({{ measures[ratio.needs.measure] }}) as {{ name }}_needed,
            {%- endfor %}
            cast(sum(judged) as bigint) as audits,
            cast(sum(provisional_audits) as bigint) as provisional_audits,
            sum(final_squared_weight) as squared_weight
        from dated
        where {{ verdicts_touched['periods'] }} and {{ within_slice('period_start') }}
        group by {{ cell | join(', ') }}
        having sum(judged) >= {{ var('minimum_audits') }}
    ),

    clusters as (
        select
            published.cell_number,
            dated.moderator,
            {%- for column in weights %}
            cast(sum(dated.{{ column }}) / 1000000 as decimal(18, 6)) as {{ column }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from dated
        inner join published
            on {% for name in cell %}dated.{{ name }} = published.{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
        group by published.cell_number, dated.moderator
    ),

    weighed as (
        select
            cell_number,
            sum({{ measures['judged_weight'] }}) as judged_weight
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
        group by cell_number
    ),

    summed as (
        select
            *,
            squared_weight / nullif(judged_weight, 0) as mean_weight
        from published
        inner join weighed using (cell_number)
    ),

    united as (
        {%- for name, ratio in ratios.items() %}
        select
            '{{ name }}' as metric_id,
            {{ cell[:-1] | join(', ') }},
            {%- if ratio.needs %}
            case
                when
                    {%- if ratio.of_all %}
                    case
                        when slice_type in ({{ literals(ratio.of_all) }})
                            then max(case when slice_type = 'all' then {{ name }}_needed end) over (
                                partition by grain, scope_type, scope, period_start
                            )
                        else {{ name }}_needed
                    end = 0
                    {%- else %}
                    {{ name }}_needed = 0
                    {%- endif %}
                    then {{ literal(ratio.needs.reason) }}
            end as not_estimable_reason,
            {%- else %}
            null as not_estimable_reason,
            {%- endif %}
            cast({{ name }}_clusters as bigint) as clusters,
            audits,
            provisional_audits,
            {%- for part in ['weight', 'weighted', 'cluster_yy', 'cluster_yw', 'cluster_ww'] %}
            cast({{ name }}_{{ part }} as decimal(38, 12)) as {{ part }},
            {%- endfor %}
            -- As if audits that count here weighed, by weight, what all of the slice do.
            cast({{ name }}_weight * mean_weight as double) as squared_weight,
            {{ ratio.is_arm | lower }} as is_arm,
            period_start
        from summed
        where
            slice_type in ({{ literals(['all'] + ratio.slices) }})
            and scope_type in ({{ literals(['all'] + ratio.slices) }})
            and {{ name }}_weight > 0
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

    select * from united
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{# Which days that reads in a run with `touched`, and which periods it overwrites. #}
{% macro touched_verdicts(touched, day) %}
    {%- if touched is none or not is_incremental() -%}{{ return({'days': 'true', 'periods': 'true'}) }}{%- endif -%}
    {{ return(predicates_of_area(touched, 'verdicts', day)) }}
{% endmacro %}

{% macro in_touched_verdict_periods(touched) %}{{ return(touched_verdicts(touched, 'period_start')['periods']) }}{% endmacro %}

{# What is divided by what, by name: the arms, and the metrics whose interval is Hájek's, each with its slices. #}
{% macro verdict_ratios(measures, arms) %}
    {%- set ratios = {} -%}
    {%- set adjusted = defined_metrics('python') | selectattr('name', 'equalto', 'truth_adjusted_accuracy') | first -%}
    {%- for name, pair in arms.items() -%}
        {%- do ratios.update({name: {
            'y': pair[0], 'w': pair[1], 'slices': adjusted.config.meta.allowed_slices, 'is_arm': true,
        }}) -%}
    {%- endfor -%}
    {%- for metric in defined_metrics('sql') if metric.config.meta.interval_method == 'hajek' -%}
        {%- set of_metric = measures_of(metric) -%}
        {%- if of_metric['denominator'] in measures -%}
            {%- do ratios.update({metric.name: {
                'y': measures[of_metric['numerator']],
                'w': measures[of_metric['denominator']],
                'slices': metric.config.meta.allowed_slices,
                'is_arm': false,
                'needs': metric.config.meta.needs,
                'of_all': metric.config.meta.needs_of_all or [],
            }}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(ratios) }}
{% endmacro %}
