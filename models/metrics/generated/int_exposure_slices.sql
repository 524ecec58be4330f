{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['exposure'], 'day': 'reporting_on'},
) }}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with
-- First removals of a content that were not reversed, by day of removal.
removals_cells as (
    select
        coalesce(policy_code, '(none)') as decided_policy,
        coalesce(market, '(none)') as market,
        sum(contents_removed) as contents_removed,
        sum(proactive_removals) as proactive_removals,
        sum(removals_with_known_views) as removals_with_known_views,
        sum(removals_before_any_view) as removals_before_any_view,
        sum(removals_with_known_age) as removals_with_known_age,
        sum(removals_within_24h) as removals_within_24h,
        event_on as reporting_on
    from {{ ref('int_content_removals_daily') }}
    where
        event_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['exposure'], 'event_on') }}
    group by all
),

removals_split as (
    select
        reporting_on,
        market,
        case
            when grouping(decided_policy) = 0 then 'decided_policy'
            else 'all'
        end as slice_type,
        coalesce(decided_policy, 'all') as slice,
        sum(contents_removed) as contents_removed,
        sum(proactive_removals) as proactive_removals,
        sum(removals_with_known_views) as removals_with_known_views,
        sum(removals_before_any_view) as removals_before_any_view,
        sum(removals_with_known_age) as removals_with_known_age,
        sum(removals_within_24h) as removals_within_24h
    from removals_cells
    group by {{ each_slice(['reporting_on', 'market'], ['decided_policy']) }}  -- noqa: PRS
),

removals_placed as (
    select * from removals_split
    union all
    select * replace ('market' as slice_type, market as slice) from removals_split
    where slice_type = 'all'
),

removals_scoped as (
    select
        * exclude (market),
        'all' as scope_type,
        'all' as scope
    from removals_placed
    union all
    select
        * exclude (market),
        'market' as scope_type,
        market as scope
    from removals_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

-- Sampled views by day of viewing; a weight is the views that a sampled one stands for.
views_cells as (
    select
        coalesce(market, '(none)') as market,
        sum(view_weight) as view_weight,
        sum(violative_view_weight) as violative_view_weight,
        sum(squared_view_weight) as squared_view_weight,
        sum(sampled_views) as sampled_views,
        event_on as reporting_on
    from {{ ref('int_view_samples_daily') }}
    where
        event_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['exposure'], 'event_on') }}
    group by all
),

views_split as (
    select
        reporting_on,
        market,
        'all' as slice_type,
        'all' as slice,
        sum(view_weight) as view_weight,
        sum(violative_view_weight) as violative_view_weight,
        sum(squared_view_weight) as squared_view_weight,
        sum(sampled_views) as sampled_views
    from views_cells
    group by {{ each_slice(['reporting_on', 'market'], []) }}  -- noqa: PRS
),

views_placed as (
    select * from views_split
    union all
    select * replace ('market' as slice_type, market as slice) from views_split
    where slice_type = 'all'
),

views_scoped as (
    select
        * exclude (market),
        'all' as scope_type,
        'all' as scope
    from views_placed
    union all
    select
        * exclude (market),
        'market' as scope_type,
        market as scope
    from views_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

united as (
    select * from removals_scoped
    union all by name
    select * from views_scoped
)

select
    scope_type,
    scope,
    slice_type,
    slice,
    cast(sum(contents_removed) as decimal(38, 12)) as contents_removed,
    cast(sum(proactive_removals) as decimal(38, 12)) as proactive_removals,
    cast(sum(removals_with_known_views) as decimal(38, 12)) as removals_with_known_views,
    cast(sum(removals_before_any_view) as decimal(38, 12)) as removals_before_any_view,
    cast(sum(removals_with_known_age) as decimal(38, 12)) as removals_with_known_age,
    cast(sum(removals_within_24h) as decimal(38, 12)) as removals_within_24h,
    cast(sum(view_weight) as decimal(38, 12)) as view_weight,
    cast(sum(violative_view_weight) as decimal(38, 12)) as violative_view_weight,
    cast(sum(squared_view_weight) as decimal(38, 12)) as squared_view_weight,
    cast(sum(sampled_views) as decimal(38, 12)) as sampled_views,
    {{ batch() }} as _batch,
    reporting_on
from united
group by all
