{%- set figures = [
    'raw_difference', 'raw_lower', 'raw_upper', 'estimate', 'standard_error', 'lower', 'upper', 'overlap', 'p_value',
    'adjusted_p_value', 'leniently_audited_1', 'leniently_audited_2',
] %}

-- Of how many people decisions were audited in each.
with people as (
    {% for group_type in ['site', 'vendor'] -%}
    select
        '{{ group_type }}' as group_type,
        {{ group_type }}_id as member,
        coalesce({{ people_at_least(union_of_people('people_bits')) }}, 0) >= {{ var('minimum_people') }}
            as has_enough_people,
        {{ period_start("'quarter'", 'event_on') }} as quarter_starting_on
    from {{ ref('int_human_verdicts_daily') }}
    group by {{ group_type }}_id, quarter_starting_on
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (
    select
        found.*,
        coalesce(first_.has_enough_people and second_.has_enough_people, false) as has_enough_people
    from {{ ref('site_comparisons') }} as found
    left join people as first_
        on
            found.group_type = first_.group_type
            and found.group_1 = first_.member
            and cast(found.quarter_starting_on as date) = first_.quarter_starting_on
    left join people as second_
        on
            found.group_type = second_.group_type
            and found.group_2 = second_.member
            and cast(found.quarter_starting_on as date) = second_.quarter_starting_on
),

comparisons as (
    select
        group_type,
        stage,
        group_1,
        group_2,
        case when has_enough_people then reason else 'fewer than {{ var('minimum_people') }} people' end as reason,
        {%- for name in figures %}
        case when has_enough_people then {{ name }} end as {{ name }},
        {%- endfor %}
        coalesce(has_enough_people and adjusted_p_value < 0.05, false) as is_different,
        quarter_starting_on
    from counted
)

select
    comparisons.group_type,
    comparisons.stage,
    comparisons.group_1,
    comparisons.group_2,
    comparisons.reason as not_estimable_reason,
    cast(comparisons.raw_difference as double) as raw_difference,
    cast(comparisons.raw_lower as double) as raw_lower,
    cast(comparisons.raw_upper as double) as raw_upper,
    cast(comparisons.estimate as double) as standardised_difference,
    cast(comparisons.standard_error as double) as standard_error,
    cast(comparisons.lower as double) as lower,
    cast(comparisons.upper as double) as upper,
    cast(comparisons.overlap as double) as overlap,
    cast(comparisons.p_value as double) as p_value,
    cast(comparisons.adjusted_p_value as double) as adjusted_p_value,
    cast(comparisons.leniently_audited_1 as double) as leniently_audited_1,
    cast(comparisons.leniently_audited_2 as double) as leniently_audited_2,
    comparisons.is_different,
    -- Who disputes everything is ahead after disputes, whatever their work.
    coalesce(
        before_disputes.is_different and sign(before_disputes.estimate) = sign(comparisons.estimate), false
    ) as is_different_before_disputes,
    -- Whoever is ahead may owe it to an auditor.
    coalesce(
        case
            when comparisons.estimate > 0 then comparisons.leniently_audited_1 else comparisons.leniently_audited_2
        end < 0.1, true
    ) as is_credible,
    cast(comparisons.quarter_starting_on as date) as quarter_starting_on,
    {{ build_id() }} as build_id
from comparisons
left join comparisons as before_disputes
    on
        comparisons.quarter_starting_on = before_disputes.quarter_starting_on
        and comparisons.group_type = before_disputes.group_type
        and comparisons.group_1 = before_disputes.group_1
        and comparisons.group_2 = before_disputes.group_2
        and before_disputes.stage = 'initial'
