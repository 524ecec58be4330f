with agreement as (
    select
        *,
        -- Agreement of a few raters identifies them.
        n_raters >= {{ var('minimum_people') }} as has_enough_people
    from {{ ref('inter_rater_agreement') }}
)

select
    slice_type,
    slice,
    coefficient,
    case
        when has_enough_people then reason
        else 'fewer than {{ var('minimum_people') }} people'
    end as not_estimable_reason,
    cast(rating_round as bigint) as rating_round,
    cast(case when has_enough_people then n_items end as bigint) as items,
    cast(case when has_enough_people then estimate end as double) as estimate,
    cast(case when has_enough_people then standard_error end as double) as standard_error,
    cast(case when has_enough_people then lower end as double) as lower,
    cast(case when has_enough_people then upper end as double) as upper,
    {{ is_whole_period('cast(period_start as date)', later_period("'month'", 'cast(period_start as date)')) }}
        as is_complete,
    cast(period_start as date) as period_start,
    {{ build_id() }} as build_id
from agreement
cross join {{ ref('int_calendar') }} as calendar
