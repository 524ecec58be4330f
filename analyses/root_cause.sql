-- Question: a ratio moved between two months. Which slices carry the change: did their own rate move, or their share
-- of the work?
--
-- dbt compile --select root_cause \
--     --vars '{cause_metric: audit_accuracy, cause_slice_type: queue, cause_before: 2026-03-01}'
--   cause_after (2026-06-01)    the month that is held against it
--
-- Reading: `rate_effect` and `mix_effect` of all slices sum to the change of the whole, exactly (each difference is
-- taken at the mean of both months). A fall that is all mix, with every rate up, is a shift of work and nobody's
-- fault.
-- Limits: slices of which either month says nothing (not estimable) are left out, and the whole is that of the rest;
-- one dimension at a time; no interval. Ranked candidates with intervals come from the models on root causes.
{%- set metric = literal(var('cause_metric', 'audit_accuracy')) %}
{%- set slice_type = literal(var('cause_slice_type', 'queue')) %}
{%- set before = "date '" ~ var('cause_before', '2026-03-01') ~ "'" %}
{%- set after = "date '" ~ var('cause_after', '2026-06-01') ~ "'" %}

with slices as (
    select
        slice,
        coalesce(max(cast(numerator as double)) filter (where period_start = {{ before }}), 0) as numerator_before,
        coalesce(max(cast(denominator as double)) filter (where period_start = {{ before }}), 0) as denominator_before,
        coalesce(max(n) filter (where period_start = {{ before }}), 0) as n_before,
        coalesce(max(cast(numerator as double)) filter (where period_start = {{ after }}), 0) as numerator_after,
        coalesce(max(cast(denominator as double)) filter (where period_start = {{ after }}), 0) as denominator_after,
        coalesce(max(n) filter (where period_start = {{ after }}), 0) as n_after
    from {{ ref('mart_metric_series') }}
    where
        metric_id = {{ metric }}
        and grain = 'month'
        and scope_type = 'all'
        and slice_type = {{ slice_type }}
        and period_start in ({{ before }}, {{ after }})
    group by slice
    having count(not_estimable_reason) = 0
),

shares as (
    select
        *,
        denominator_before / sum(denominator_before) over () as share_before,
        denominator_after / sum(denominator_after) over () as share_after,
        -- A slice that was not there, or is gone, has the rate of its other month: all of it is mix.
        coalesce(numerator_before / nullif(denominator_before, 0), numerator_after / nullif(denominator_after, 0))
            as rate_before,
        coalesce(numerator_after / nullif(denominator_after, 0), numerator_before / nullif(denominator_before, 0))
            as rate_after
    from slices
),

whole as (
    select
        *,
        sum(share_before * rate_before) over () as whole_before,
        sum(share_after * rate_after) over () as whole_after
    from shares
)

select
    slice,
    n_before,
    n_after,
    rate_before,
    rate_after,
    share_before,
    share_after,
    (share_before + share_after) / 2 * (rate_after - rate_before) as rate_effect,
    -- Work that moves to what is above the whole raises it.
    (share_after - share_before) * ((rate_before + rate_after) / 2 - (whole_before + whole_after) / 2) as mix_effect,
    whole_before,
    whole_after,
    whole_after - whole_before as whole_change
from whole
order by rate_effect + mix_effect, slice
