{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['exposure'], 'grain': 'period'},
) }}
{%- set affected = affected_periods(ref('affected_metric_days'), ['exposure']) %}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with days as (
    select * from {{ ref('int_exposure_slices') }}
    where {{ in_days_of_periods(affected, 'reporting_on') }}
),

dated as (
    select
        days.* exclude (reporting_on),
        grains.grain,
        {{ period_start('grains.grain', 'days.reporting_on') }} as period_start
    from days
    cross join ({{ grains() }}) as grains
),

periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        sum(contents_removed) as contents_removed,
        sum(proactive_removals) as proactive_removals,
        sum(removals_before_any_view) as removals_before_any_view,
        sum(removals_with_known_age) as removals_with_known_age,
        sum(removals_with_known_views) as removals_with_known_views,
        sum(removals_within_24h) as removals_within_24h,
        sum(sampled_views) as sampled_views,
        sum(squared_view_weight) as squared_view_weight,
        sum(view_weight) as view_weight,
        sum(violative_view_weight) as violative_view_weight,
        period_start
    from dated
    where {{ in_periods(affected) }}
    group by all
),

action_histogram_1_cells as (
    select
        coalesce(policy_code, '(none)') as decided_policy,
        coalesce(market, '(none)') as market,
        bucket,
        sum(row_count) as row_count,
        -- Pieces that are each of one week and one month, and so of one quarter.
        greatest({{ period_start("'week'", 'event_on') }}, {{ period_start("'month'", 'event_on') }}) as piece_on
    from {{ ref('int_action_histogram') }}
    where
        event_on is not null
        and row_count > 0
        and {{ in_days_of_periods(affected, 'event_on') }}
    group by all
),

action_histogram_1_split as (
    select
        bucket,
        piece_on,
        market,
        case
            when grouping(decided_policy) = 0 then 'decided_policy'
            else 'all'
        end as slice_type,
        coalesce(decided_policy, 'all') as slice,
        sum(row_count) as row_count
    from action_histogram_1_cells
    group by {{ each_slice(['bucket', 'piece_on', 'market'], ['decided_policy']) }}  -- noqa: PRS
),

action_histogram_1_placed as (
    select * from action_histogram_1_split
    union all
    select * replace ('market' as slice_type, market as slice) from action_histogram_1_split
    where slice_type = 'all'
),

action_histogram_1_scoped as (
    select
        * exclude (market),
        'all' as scope_type,
        'all' as scope
    from action_histogram_1_placed
    union all
    select
        * exclude (market),
        'market' as scope_type,
        market as scope
    from action_histogram_1_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

action_histogram_1_dated as (
    select
        pieces.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'pieces.piece_on') }} as period_start
    from action_histogram_1_scoped as pieces
    cross join ({{ grains(['week', 'month', 'quarter']) }}) as grains
),

action_histogram_1_periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        period_start,
        bucket,
        sum(row_count) as row_count
    from action_histogram_1_dated
    where {{ in_periods(affected) }}
    group by all
),

action_histogram_1_quantiles as (
    {{ histogram_quantiles(
        'action_histogram_1_periods', ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'], {'time_to_action_p50': 0.5},
        is_value=false, people=none
    ) }}
),

-- A row a metric. A list and no union: each branch of a union holds memory of its own until the last has been written.
metrics as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            -- Proactive removal rate
            {
                'metric_id': 'proactive_removal_rate',
                'numerator': cast(coalesce(proactive_removals, 0) as decimal(38, 12)),
                'denominator': cast(contents_removed as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': contents_removed is not null and slice_type in ('all', 'decided_policy', 'market') and scope_type in ('all', 'decided_policy', 'market')
            },
            -- Removal before any view
            {
                'metric_id': 'removal_before_any_view_rate',
                'numerator': cast(coalesce(removals_before_any_view, 0) as decimal(38, 12)),
                'denominator': cast(removals_with_known_views as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': removals_with_known_views is not null and slice_type in ('all', 'decided_policy', 'market') and scope_type in ('all', 'decided_policy', 'market')
            },
            -- Removal within 24 hours
            {
                'metric_id': 'removal_within_24h_rate',
                'numerator': cast(coalesce(removals_within_24h, 0) as decimal(38, 12)),
                'denominator': cast(removals_with_known_age as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': removals_with_known_age is not null and slice_type in ('all', 'decided_policy', 'market') and scope_type in ('all', 'decided_policy', 'market')
            },
            -- Violative view rate
            {
                'metric_id': 'violative_view_rate',
                'numerator': cast(coalesce(violative_view_weight, 0) as decimal(38, 12)),
                'denominator': cast(view_weight as decimal(38, 12)),
                'sum_of_squares': cast(squared_view_weight as decimal(38, 12)),
                'n': cast(sampled_views as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': view_weight is not null and slice_type in ('all', 'market') and scope_type in ('all', 'market')
            }
        ], recursive := true),
        period_start
    from periods
    union all
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            -- Time to action, 50 %
            {
                'metric_id': 'time_to_action_p50',
                'numerator': cast(time_to_action_p50 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': time_to_action_p50 is not null and slice_type in ('all', 'decided_policy', 'market') and scope_type in ('all', 'decided_policy', 'market')
            }
        ], recursive := true),
        period_start
    from action_histogram_1_quantiles
)

select
    metric_id,
    grain,
    scope_type,
    scope,
    slice_type,
    slice,
    numerator,
    denominator,
    sum_of_squares,
    n,
    people_at_least,
    not_estimable_reason,
    {{ batch() }} as _batch,
    period_start
from metrics
where is_present
