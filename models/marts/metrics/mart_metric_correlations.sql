select
    variable_1 as metric_1,
    variable_2 as metric_2,
    reason as not_estimable_reason,
    cast(n as bigint) as weeks,
    cast(estimate as double) as correlation,
    cast(lower as double) as lower,
    cast(upper as double) as upper,
    cast(p_value as double) as p_value,
    cast(adjusted_p_value as double) as adjusted_p_value,
    coalesce(adjusted_p_value < 0.05, false) as is_found,
    {{ build_id() }} as build_id
from {{ ref('metric_correlations') }}
