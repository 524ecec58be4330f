{{ config(group='people', access='private') }}

select
    auditor_key,
    reason as not_estimable_reason,
    cast(audits as bigint) as audits,
    cast(raw_difference as double) as raw_difference,
    cast(estimate as double) as standardised_difference,
    cast(standard_error as double) as standard_error,
    cast(lower as double) as lower,
    cast(upper as double) as upper,
    cast(overlap as double) as overlap,
    cast(adjusted_p_value as double) as adjusted_p_value,
    coalesce(adjusted_p_value < 0.05 and estimate < 0, false) as is_lenient,
    coalesce(adjusted_p_value < 0.05 and estimate > 0, false) as is_strict,
    {{ build_id() }} as build_id
from {{ ref('auditor_strictness') }}
-- Of a person only what rests on enough: thirty audits over thirty days.
where audits >= {{ var('minimum_audits') }} and days >= 30
