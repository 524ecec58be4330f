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

metrics as (
    -- Proactive removal rate
    select
        'proactive_removal_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(proactive_removals, 0) as numerator,
        contents_removed as denominator,
        null as sum_of_squares,
        null as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        contents_removed is not null
        and slice_type in ('all', 'decided_policy', 'market')
        and scope_type in ('all', 'decided_policy', 'market')
    union all
    -- Removal before any view
    select
        'removal_before_any_view_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(removals_before_any_view, 0) as numerator,
        removals_with_known_views as denominator,
        null as sum_of_squares,
        null as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        removals_with_known_views is not null
        and slice_type in ('all', 'decided_policy', 'market')
        and scope_type in ('all', 'decided_policy', 'market')
    union all
    -- Removal within 24 hours
    select
        'removal_within_24h_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(removals_within_24h, 0) as numerator,
        removals_with_known_age as denominator,
        null as sum_of_squares,
        null as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        removals_with_known_age is not null
        and slice_type in ('all', 'decided_policy', 'market')
        and scope_type in ('all', 'decided_policy', 'market')
    union all
    -- Violative view rate
    select
        'violative_view_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(violative_view_weight, 0) as numerator,
        view_weight as denominator,
        squared_view_weight as sum_of_squares,
        sampled_views as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        view_weight is not null
        and slice_type in ('all', 'market')
        and scope_type in ('all', 'market')
    union all
    -- Time to action, 50 %
    select
        'time_to_action_p50' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        time_to_action_p50 as numerator,
        null as denominator,
        null as sum_of_squares,
        row_count as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from action_histogram_1_quantiles
    where
        time_to_action_p50 is not null
        and slice_type in ('all', 'decided_policy', 'market')
        and scope_type in ('all', 'decided_policy', 'market')
)

select
    metric_id,
    grain,
    scope_type,
    scope,
    slice_type,
    slice,
    cast(numerator as decimal(38, 12)) as numerator,
    cast(denominator as decimal(38, 12)) as denominator,
    cast(sum_of_squares as decimal(38, 12)) as sum_of_squares,
    cast(n as bigint) as n,
    cast(people_at_least as bigint) as people_at_least,
    not_estimable_reason,
    {{ batch() }} as _batch,
    period_start
from metrics
