{# What intervals need of the metrics that are estimated from audits: by period, scope and slice, the weighted sums of
   numerator and denominator, and how their sums by moderator vary together. A moderator's own sums leave no trace: only
   squares and products are kept. Metrics are those of the semantic model `verdicts` whose `interval_method` is hajek;
   `audits` has the columns of its model, one row per drawn audit. A metric rests on the audits with a weight in its
   denominator: precision on those of measures, recall on those that find a violation.
   Cells of fewer audits than may be published are left out before what is dear; by moderator only weights are summed, and by
   numbers of cells instead of their names. They are summed as whole millionths, which a double holds exactly up to nine
   billion decisions of one moderator: half as large as a sum of decimals, and the same in any order. #}
{% macro verdict_cluster_sums(audits, touched=none) %}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set node = graph.semantic_models['semantic_model.' ~ project_name ~ '.verdicts'] -%}
    {%- set day = day_of(node) -%}
    {%- set verdicts_touched = touched_verdicts(touched, day) -%}
    {%- set measures = {} -%}
    {%- for measure in node.measures -%}
        {%- do measures.update({measure.name: measure.expr or measure.name}) -%}
    {%- endfor -%}
    {%- set ratios = verdict_ratios(measures) -%}
    {%- set weights, needed, bases = [], [], {} -%}
    {%- for ratio in ratios.values() -%}
        {%- do bases.update({ratio.basis: ratio.w}) -%}
        {%- do weights.extend(modules.re.findall('[a-z_]+', ratio.y ~ ' ' ~ ratio.w)) -%}
        {%- do needed.extend(modules.re.findall('[a-z_]+', measures[ratio.needs.measure] if ratio.needs else '')) -%}
    {%- endfor -%}
    {%- set weights, needed, weighed, counted = weights | unique | list, needed | unique | list, {}, {} -%}
    {%- for column in weights -%}{%- do weighed.update({column: 'sum(' ~ column ~ ')'}) -%}{%- endfor -%}
    {%- for column in needed -%}{%- do counted.update({column: 'sum(' ~ column ~ ')'}) -%}{%- endfor -%}
    {%- for basis in bases -%}
        {%- for part in ['audits', 'provisional', 'squares'] -%}
            {%- do counted.update({basis ~ '_' ~ part: 'sum(' ~ basis ~ '_' ~ part ~ ')'}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set cell = ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'] -%}
    {%- set sql -%}
    with audits as (
        select
            {%- for entity in entities_of(node) %}
            coalesce({{ entity.expr or entity.name }}, '(none)') as {{ entity.name }},
            {%- endfor %}
            {%- for column in needed %}
            {{ column }},
            {%- endfor %}
            {%- for basis, w in bases.items() %}
            cast({{ w }} > 0 as bigint) as {{ basis }}_audits,
            case when {{ w }} > 0 then provisional_audits else 0 end as {{ basis }}_provisional,
            cast({{ w }} as decimal(28, 6)) * cast({{ w }} as decimal(18, 6)) as {{ basis }}_squares,
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

    -- How many audits need not be known by moderator, which is dear.
    counted_sliced as (
        {{ sliced('audits', entities_of(node), ['piece_on'], counted) }}
    ),

    weighed_sliced as (
        {{ sliced('audits', entities_of(node), ['moderator', 'piece_on'], weighed) }}
    ),

    {%- for name in ['counted', 'weighed'] %}

    {{ name }}_dated as (
        select
            {{ name }}_sliced.* exclude (piece_on),
            grains.grain,
            {{ period_start('grains.grain', name ~ '_sliced.piece_on') }} as period_start
        from {{ name }}_sliced
        cross join ({{ grains(period_grains()) }}) as grains
    ),
    {%- endfor %}

    published as (
        select
            {{ cell | join(', ') }},
            row_number() over (order by {{ cell | join(', ') }}) as cell_number,
            {%- for name, ratio in ratios.items() if ratio.needs %}
            sum({{ measures[ratio.needs.measure] }}) as {{ name }}_needed,
            {%- endfor %}
            {%- for column in counted %}
            sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        from counted_dated
        where {{ verdicts_touched['periods'] }} and {{ within_slice('period_start') }}
        group by {{ cell | join(', ') }}
        having
            {%- for basis in bases %}
            sum({{ basis }}_audits) >= {{ var('minimum_audits') }} {{- ' or' if not loop.last }}
            {%- endfor %}
    ),

    clusters as (
        select
            published.cell_number,
            weighed_dated.moderator,
            {%- for column in weights %}
            cast(sum(weighed_dated.{{ column }}) / 1000000 as decimal(18, 6)) as {{ column }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from weighed_dated
        inner join published
            on {% for name in cell %}weighed_dated.{{ name }} = published.{{ name }}{{ ' and ' if not loop.last }}{% endfor %}
        group by published.cell_number, weighed_dated.moderator
    ),

    products as (
        select
            cell_number,
            {%- for name, ratio in ratios.items() %}
            {%- set y, w = '(' ~ ratio.y ~ ')', '(' ~ ratio.w ~ ')' %}
            count(*) filter (where {{ w }} > 0) as {{ name }}_clusters,
            sum({{ w }}) as {{ name }}_weight,
            sum({{ y }}) as {{ name }}_weighted,
            {%- for part, a, b in [('yy', y, y), ('yw', y, w), ('ww', w, w)] %}
            sum(cast({{ a }} as decimal(28, 6)) * cast({{ b }} as decimal(18, 6))) as {{ name }}_cluster_{{ part }},
            {%- endfor %}
            {%- endfor %}
            count(*) as people
        from clusters
        group by cell_number
    ),

    summed as (
        select *
        from published
        inner join products using (cell_number)
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
            cast({{ ratio.basis }}_audits as bigint) as audits,
            cast({{ ratio.basis }}_provisional as bigint) as provisional_audits,
            {%- for part in ['weight', 'weighted', 'cluster_yy', 'cluster_yw', 'cluster_ww'] %}
            cast({{ name }}_{{ part }} as decimal(38, 12)) as {{ part }},
            {%- endfor %}
            cast({{ ratio.basis }}_squares as decimal(38, 12)) as squared_weight,
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

{# What is divided by what, by name, of the metrics whose interval is Hájek's, each with its slices; metrics of one denominator
   rest on the same audits, and have one `basis`. #}
{% macro verdict_ratios(measures) %}
    {%- set ratios = {} -%}
    {%- for metric in defined_metrics('sql') if metric.config.meta.interval_method == 'hajek' -%}
        {%- set of_metric = measures_of(metric) -%}
        {%- if of_metric['denominator'] in measures -%}
            {%- do ratios.update({metric.name: {
                'y': measures[of_metric['numerator']],
                'w': measures[of_metric['denominator']],
                'basis': of_metric['denominator'] ~ '_basis',
                'slices': metric.config.meta.allowed_slices,
                'needs': metric.config.meta.needs,
                'of_all': metric.config.meta.needs_of_all or [],
            }}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(ratios) }}
{% endmacro %}
