-- Question: since a launch (a queue, a tool, a market), what moved in the slice that it is about, and did it move
-- elsewhere?
--
-- dbt compile --select launch_assessment \
--     --vars '{launch_on: 2026-05-04, launch_slice_type: queue, launch_slice: comments}'
--   launch_weeks (4)    whole weeks on either side; the week of a launch that is no Monday is on neither
--
-- Reading: `change` is the slice's own; `change_elsewhere` is that of all other members of its dimension taken
-- together. What moved in both was not the launch. `net_change` is the difference of the two.
-- Limits: a member of which any week says nothing (accuracy and recall, where nothing that was let pass was audited) is
-- on neither side; `told_share_elsewhere` is how much of the others' denominator is left. No interval, so a small
-- change of a sampled metric is nothing; nothing says that both would have gone alike without the launch. Effects with
-- intervals come from the models on interventions.
{%- set launch_on = "date '" ~ var('launch_on', '2026-05-04') ~ "'" %}
{%- set days = 7 * (var('launch_weeks', 4) | int) %}
{%- set week_of_launch = "cast(date_trunc('week', " ~ launch_on ~ ') as date)' %}

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
        grain = 'week'
        and scope_type = 'all'
        and slice_type = {{ literal(var('launch_slice_type', 'queue')) }}
        and (
            period_start between {{ week_of_launch }} - {{ days }} and {{ week_of_launch }} - 1
            or period_start between {{ launch_on }} and {{ launch_on }} + {{ days - 1 }}
        )
        -- Ratios, which weeks of a stretch can be put together for.
        and denominator is not null
),

members as (
    select
        *,
        -- Without the weeks that say nothing the rest of a member would seem better or worse than the whole of it was.
        count(not_estimable_reason) over (partition by metric_id, slice) = 0 as is_told
    from series
),

sides as (
    select
        metric_id,
        is_launched,
        side,
        cast(sum(numerator) filter (where is_told) as double)
        / nullif(cast(sum(denominator) filter (where is_told) as double), 0) as value_of_side
    from members
    group by metric_id, is_launched, side
),

elsewhere as (
    select
        metric_id,
        cast(sum(denominator) filter (where is_told) as double) / nullif(cast(sum(denominator) as double), 0)
            as told_share_elsewhere
    from members
    where not is_launched
    group by metric_id
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
    (placed.after_launch - placed.before_launch) - (placed.after_elsewhere - placed.before_elsewhere) as net_change,
    elsewhere.told_share_elsewhere
from placed
inner join {{ ref('dim_metric') }} as metrics on placed.metric_id = metrics.metric_id
left join elsewhere on placed.metric_id = elsewhere.metric_id
where placed.before_launch is not null and placed.after_launch is not null
order by placed.metric_id
