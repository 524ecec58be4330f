select
    coalesce(term, '(none)') as term,
    compared_with,
    reason as not_estimable_reason,
    cast(n as bigint) as n,
    cast(n_clusters as bigint) as n_clusters,
    -- A figure without its error is none: a value may rest on one moderator.
    cast(case when reason is null then odds_ratio end as double) as odds_ratio,
    cast(odds_ratio_lower as double) as odds_ratio_lower,
    cast(odds_ratio_upper as double) as odds_ratio_upper,
    cast(case when reason is null then marginal_effect end as double) as marginal_effect,
    cast(p_value as double) as p_value,
    cast(adjusted_p_value as double) as adjusted_p_value,
    coalesce(adjusted_p_value < 0.05, false) as is_found,
    {{ build_id() }} as build_id
from {{ ref('error_drivers') }}
where coalesce(term, '') <> '(intercept)'
