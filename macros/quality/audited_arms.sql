{# What audits first found of decisions with a measure and of those without, by the policy group of what was suspected: by period,
   scope and slice, of those in which audits of either arm say as much as so many of equal weight as may be published: of a
   handful, none found means little. Before disputes, since what auditors miss is known of their own answers only; by what was
   suspected, since a decision without a measure is of no other policy. `audits` has the columns of int_drawn_verdicts. #}
{% macro audited_arms(audits, touched=none) %}
    {%- if not execute -%}{{ return('select 1 as placeholder') }}{%- endif -%}
    {%- set metric = defined_metrics('python') | selectattr('name', 'equalto', 'truth_adjusted_accuracy') | first -%}
    {%- set entities = [] -%}
    {%- for entity in entities_of(graph.semantic_models['semantic_model.' ~ project_name ~ '.verdicts']) -%}
        {%- if entity.name in metric.config.meta.allowed_slices -%}{%- do entities.append(entity) -%}{%- endif -%}
    {%- endfor -%}
    {%- set verdicts_touched = touched_verdicts(touched, 'event_on') -%}
    {%- set cell = ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'] -%}
    {%- set arms = {
        'measures': ['initial_true_positive', 'initial_false_positive'],
        'approvals': ['initial_false_negative', 'initial_true_negative'],
    } -%}
    {%- set sums = {} -%}
    {%- for arm in arms -%}
        {%- for part in ['audits', 'weight', 'squares', 'violative'] -%}
            {%- do sums.update({arm ~ '_' ~ part: 'sum(' ~ arm ~ '_' ~ part ~ ')'}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set sql -%}
    with audits as (
        select
            {%- for entity in entities %}
            coalesce(audits.{{ entity.expr or entity.name }}, '(none)') as {{ entity.name }},
            {%- endfor %}
            coalesce(policies.policy_group, '(none)') as policy_group,
            {%- for arm, cells in arms.items() %}
            {%- set weight = 'cast(audits.' ~ cells[0] ~ '_weight + audits.' ~ cells[1] ~ '_weight as decimal(18, 6))' %}
            audits.{{ cells[0] }}s + audits.{{ cells[1] }}s as {{ arm }}_audits,
            {{ weight }} as {{ arm }}_weight,
            {{ weight }} * {{ weight }} as {{ arm }}_squares,
            audits.{{ cells[0] }}_weight as {{ arm }}_violative,
            {%- endfor %}
            greatest(
                {{ period_start("'week'", 'audits.event_on') }}, {{ period_start("'month'", 'audits.event_on') }}
            ) as piece_on
        from {{ audits }} as audits
        left join {{ ref('int_policy_versions') }} as policies
            on
                audits.suspected_policy_code = policies.policy_code
                and audits.event_on between policies.valid_from and policies.valid_to
        where {{ verdicts_touched['days'] }}
    ),

    sliced as (
        {{ sliced('audits', entities, ['policy_group', 'piece_on'], sums) }}
    ),

    dated as (
        select
            sliced.* exclude (piece_on),
            grains.grain,
            {{ period_start('grains.grain', 'sliced.piece_on') }} as period_start
        from sliced
        cross join ({{ grains(period_grains()) }}) as grains
    ),

    summed as (
        select
            {{ cell | join(', ') }},
            policy_group,
            {%- for name, aggregate in sums.items() %}
            {{ aggregate }} as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from dated
        where {{ verdicts_touched['periods'] }}
        group by {{ cell | join(', ') }}, policy_group
    ),

    weighed as (
        select
            *,
            {%- for arm in arms %}
            {%- set whole = 'over (partition by ' ~ cell | join(', ') ~ ')' %}
            sum({{ arm }}_weight) {{ whole }} as {{ arm }}_weight_of_slice,
            sum({{ arm }}_squares) {{ whole }} as {{ arm }}_squares_of_slice{{ ',' if not loop.last }}
            {%- endfor %}
        from summed
    )

    {%- for arm in arms %}

    select
        {{ cell[:-1] | join(', ') }},
        policy_group,
        {{ 'true' if arm == 'measures' else 'false' }} as is_positive,
        cast({{ arm }}_audits as bigint) as audits,
        cast({{ arm }}_weight as decimal(28, 6)) as weight,
        cast({{ arm }}_violative as decimal(28, 6)) as violative_weight,
        period_start
    from weighed
    where
        {{ arm }}_weight > 0
        {%- for each in arms %}
        and {{ each }}_weight_of_slice > 0
        and pow({{ each }}_weight_of_slice, 2) >= {{ var('minimum_audits') }} * {{ each }}_squares_of_slice
        {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}
