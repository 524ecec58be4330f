with estimates as (
    select
        *,
        clusters >= {{ var('minimum_people') }} as has_enough_people,
        -- A figure without its error is none, nor is one that cannot be.
        clusters >= {{ var('minimum_people') }} and reason is null as is_publishable
    from {{ ref('quality_estimates') }}
)

select
    metric_id,
    grain,
    scope_type,
    scope,
    slice_type,
    slice,
    case
        when has_enough_people then reason
        else 'fewer than {{ var('minimum_people') }} people'
    end as not_estimable_reason,
    cast(provisional_audits as bigint) as provisional_audits,
    cast(case when is_publishable then estimate end as double) as estimate,
    cast(case when is_publishable then standard_error end as double) as standard_error,
    cast(case when is_publishable then lower end as double) as lower,
    cast(case when is_publishable then upper end as double) as upper,
    cast(case when is_publishable then effective_n end as double) as effective_n,
    provisional_audits > 0 as is_provisional,
    cast(period_start as date) as period_start,
    {{ build_id() }} as build_id
from estimates
