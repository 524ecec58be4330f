select
    group_type,
    stage,
    group_1,
    group_2,
    reason as not_estimable_reason,
    cast(raw_difference as double) as raw_difference,
    cast(raw_lower as double) as raw_lower,
    cast(raw_upper as double) as raw_upper,
    cast(estimate as double) as standardised_difference,
    cast(standard_error as double) as standard_error,
    cast(lower as double) as lower,
    cast(upper as double) as upper,
    cast(overlap as double) as overlap,
    cast(p_value as double) as p_value,
    cast(adjusted_p_value as double) as adjusted_p_value,
    cast(leniently_audited_1 as double) as leniently_audited_1,
    cast(leniently_audited_2 as double) as leniently_audited_2,
    coalesce(adjusted_p_value < 0.05, false) as is_different,
    -- Whoever is ahead may owe it to an auditor.
    coalesce(case when estimate > 0 then leniently_audited_1 else leniently_audited_2 end < 0.1, true) as is_credible,
    cast(quarter_starting_on as date) as quarter_starting_on,
    {{ build_id() }} as build_id
from {{ ref('site_comparisons') }}
