select
    coalesce(term, '(none)') as term,
    compared_with,
    reason as not_estimable_reason,
    cast(n as bigint) as n,
    cast(n_clusters as bigint) as n_clusters,
    cast(odds_ratio as double) as odds_ratio,
    cast(odds_ratio_lower as double) as odds_ratio_lower,
    cast(odds_ratio_upper as double) as odds_ratio_upper,
    cast(marginal_effect as double) as marginal_effect,
    cast(p_value as double) as p_value,
    cast(adjusted_p_value as double) as adjusted_p_value,
    coalesce(adjusted_p_value < 0.05, false) as is_found,
    {{ build_id() }} as build_id
from {{ ref('error_drivers') }}
where coalesce(term, '') <> '(intercept)'
