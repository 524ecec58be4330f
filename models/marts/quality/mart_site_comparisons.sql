with comparisons as (
    select
        *,
        coalesce(adjusted_p_value < 0.05, false) as is_different
    from {{ ref('site_comparisons') }}
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
