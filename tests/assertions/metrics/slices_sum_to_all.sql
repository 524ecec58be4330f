{{ config(meta={'owner': 'analytics-engineering'}) }}

-- Returns metrics and months whose slices of a kind do not sum to the whole of their scope. Days and months are sums of
-- the same rows, so months are enough. Where a slice is not estimable its numerator is unknown, and so is the sum.
with months as (
    select
        series.*,
        series.numerator is null as is_unknown
    from {{ ref('mart_metric_series') }} as series
    inner join {{ ref('int_metric_definitions') }} as metrics on series.metric_id = metrics.metric_id
    where series.grain = 'month' and metrics.computed_by = 'sql'
),

summed as (
    select
        metric_id,
        scope_type,
        scope,
        slice_type,
        period_start,
        case when not bool_or(is_unknown) then sum(numerator) end as numerator,
        sum(denominator) as denominator
    from months
    group by metric_id, scope_type, scope, slice_type, period_start
)

select
    parts.*,
    wholes.numerator as whole_numerator,
    wholes.denominator as whole_denominator
from summed as parts
inner join summed as wholes
    on
        parts.metric_id = wholes.metric_id
        and parts.scope_type = wholes.scope_type
        and parts.scope = wholes.scope
        and parts.period_start = wholes.period_start
        and wholes.slice_type = 'all'
where
    parts.slice_type <> 'all'
    and (
        (parts.numerator is not null and parts.numerator is distinct from wholes.numerator)
        or parts.denominator is distinct from wholes.denominator
    )
