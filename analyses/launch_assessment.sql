-- Question: since a launch (a queue, a tool, a market), what moved in the slice that it is about, and did it move
-- elsewhere?
--
-- dbt compile --select launch_assessment \
--     --vars '{launch_on: 2026-05-04, launch_slice_type: queue, launch_slice: comments}'
--   launch_days (28)    days on either side
--
-- Reading: `change` is the slice's own; `change_elsewhere` is that of all other members of its dimension taken
-- together. What moved in both was not the launch. `net_change` is the difference of the two.
-- Limits: a member of which any day says nothing (accuracy and recall, where nothing that was let pass was audited) is
-- left out of both sides, see mart_quality_estimates for its weeks; no interval, so a small change of a sampled metric
-- is nothing; nothing says that both would have gone alike without the launch. Effects with intervals come from the
-- models on interventions.
{%- set launch_on = "date '" ~ var('launch_on', '2026-05-04') ~ "'" %}
{%- set days = var('launch_days', 28) %}

with series as (
    select
        metric_id,
        slice,
        slice = {{ literal(var('launch_slice', 'comments')) }} as is_launched,
        case when period_start < {{ launch_on }} then 'before' else 'after' end as side,
        numerator,
        denominator,
        not_estimable_reason
    from {{ ref('mart_metric_series') }}
    where
        grain = 'day'
        and scope_type = 'all'
        and slice_type = {{ literal(var('launch_slice_type', 'queue')) }}
        and period_start between {{ launch_on }} - {{ days }} and {{ launch_on }} + {{ days - 1 }}
        -- Ratios, which days of a stretch can be put together for.
        and denominator is not null
),

-- Without the days that say nothing the rest of a member would seem better or worse than the whole of it was.
told as (
    select
        metric_id,
        slice
    from series
    group by metric_id, slice
    having count(not_estimable_reason) = 0
),

sides as (
    select
        series.metric_id,
        series.is_launched,
        series.side,
        cast(sum(series.numerator) as double) / nullif(cast(sum(series.denominator) as double), 0) as value_of_side
    from series
    inner join told on series.metric_id = told.metric_id and series.slice = told.slice
    group by series.metric_id, series.is_launched, series.side
),

placed as (
    select
        metric_id,
        max(value_of_side) filter (where is_launched and side = 'before') as before_launch,
        max(value_of_side) filter (where is_launched and side = 'after') as after_launch,
        max(value_of_side) filter (where not is_launched and side = 'before') as before_elsewhere,
        max(value_of_side) filter (where not is_launched and side = 'after') as after_elsewhere
    from sides
    group by metric_id
)

select
    placed.metric_id,
    metrics.unit,
    metrics.direction,
    placed.before_launch,
    placed.after_launch,
    placed.after_launch - placed.before_launch as change,
    placed.after_elsewhere - placed.before_elsewhere as change_elsewhere,
    (placed.after_launch - placed.before_launch) - (placed.after_elsewhere - placed.before_elsewhere) as net_change
from placed
inner join {{ ref('dim_metric') }} as metrics on placed.metric_id = metrics.metric_id
where placed.before_launch is not null and placed.after_launch is not null
order by placed.metric_id
