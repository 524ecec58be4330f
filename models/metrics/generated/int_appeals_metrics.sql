{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['appeals'], 'grain': 'period'},
) }}
{%- set affected = affected_periods(ref('affected_metric_days'), ['appeals']) %}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with days as (
    select * from {{ ref('int_appeals_slices') }}
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
        sum(appealable_enforcement_actions) as appealable_enforcement_actions,
        sum(appealed_enforcement_actions) as appealed_enforcement_actions,
        sum(automation_appealed) as automation_appealed,
        sum(automation_confirmed) as automation_confirmed,
        sum(automation_upheld) as automation_upheld,
        sum(decided_appeals) as decided_appeals,
        sum(decided_reporter_appeals) as decided_reporter_appeals,
        sum(enforcement_actions_judged_by_appeal) as enforcement_actions_judged_by_appeal,
        sum(enforcement_actions_upheld) as enforcement_actions_upheld,
        sum(overturned_appeals) as overturned_appeals,
        sum(overturned_reporter_appeals) as overturned_reporter_appeals,
        sum(reversals) as reversals,
        sum(reversals_implemented) as reversals_implemented,
        period_start
    from dated
    where {{ in_periods(affected) }}
    group by all
),

appeal_cohort_histogram_1_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(policy_code, '(none)') as decided_policy,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        bucket,
        sum(row_count) as row_count,
        -- Pieces that are each of one week and one month, and so of one quarter.
        greatest({{ period_start("'week'", 'event_on') }}, {{ period_start("'month'", 'event_on') }}) as piece_on
    from {{ ref('int_appeal_cohort_histogram') }}
    where
        event_on is not null
        and row_count > 0
        and {{ in_days_of_periods(affected, 'event_on') }}
    group by all
),

appeal_cohort_histogram_1_split as (
    select
        bucket,
        piece_on,
        market,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(decided_policy) = 0 then 'decided_policy'
            when grouping(language) = 0 then 'language'
            else 'all'
        end as slice_type,
        coalesce(queue, decided_policy, language, 'all') as slice,
        sum(row_count) as row_count
    from appeal_cohort_histogram_1_cells
    group by {{ each_slice(['bucket', 'piece_on', 'market'], ['queue', 'decided_policy', 'language']) }}  -- noqa: PRS
),

appeal_cohort_histogram_1_placed as (
    select * from appeal_cohort_histogram_1_split
    union all
    select * replace ('market' as slice_type, market as slice) from appeal_cohort_histogram_1_split
    where slice_type = 'all'
),

appeal_cohort_histogram_1_scoped as (
    select
        * exclude (market),
        'all' as scope_type,
        'all' as scope
    from appeal_cohort_histogram_1_placed
    union all
    select
        * exclude (market),
        'market' as scope_type,
        market as scope
    from appeal_cohort_histogram_1_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

appeal_cohort_histogram_1_dated as (
    select
        pieces.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'pieces.piece_on') }} as period_start
    from appeal_cohort_histogram_1_scoped as pieces
    cross join ({{ grains(['week', 'month', 'quarter']) }}) as grains
),

appeal_cohort_histogram_1_periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        period_start,
        bucket,
        sum(row_count) as row_count
    from appeal_cohort_histogram_1_dated
    where {{ in_periods(affected) }}
    group by all
),

appeal_cohort_histogram_1_quantiles as (
    {{ histogram_quantiles(
        'appeal_cohort_histogram_1_periods', ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'], {'appeal_resolution_time_p50': 0.5, 'appeal_resolution_time_p90': 0.9},
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
            -- Appeal overturn rate
            {
                'metric_id': 'appeal_overturn_rate',
                'numerator': cast(coalesce(overturned_appeals, 0) as decimal(38, 12)),
                'denominator': cast(decided_appeals as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(decided_appeals as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': decided_appeals is not null and slice_type in ('all', 'queue', 'decided_policy', 'market', 'language', 'automation') and scope_type in ('all', 'queue', 'decided_policy', 'market', 'language', 'automation')
            },
            -- Appeal rate
            {
                'metric_id': 'appeal_rate',
                'numerator': cast(coalesce(appealed_enforcement_actions, 0) as decimal(38, 12)),
                'denominator': cast(appealable_enforcement_actions as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': appealable_enforcement_actions is not null and slice_type in ('all', 'queue', 'decided_policy', 'market', 'language') and scope_type in ('all', 'queue', 'decided_policy', 'market', 'language')
            },
            -- DSA automation accuracy
            {
                'metric_id': 'dsa_automation_accuracy',
                'numerator': cast(coalesce(automation_confirmed, 0) as decimal(38, 12)),
                'denominator': cast(enforcement_actions_judged_by_appeal as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(enforcement_actions_judged_by_appeal as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': enforcement_actions_judged_by_appeal is not null and slice_type in ('all', 'market', 'language') and scope_type in ('all', 'market', 'language')
            },
            -- DSA automation precision
            {
                'metric_id': 'dsa_automation_precision',
                'numerator': cast(coalesce(automation_upheld, 0) as decimal(38, 12)),
                'denominator': cast(automation_appealed as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(automation_appealed as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': automation_appealed is not null and slice_type in ('all', 'market', 'language') and scope_type in ('all', 'market', 'language')
            },
            -- DSA automation recall
            {
                'metric_id': 'dsa_automation_recall',
                'numerator': cast(coalesce(automation_upheld, 0) as decimal(38, 12)),
                'denominator': cast(enforcement_actions_upheld as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(enforcement_actions_upheld as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': enforcement_actions_upheld is not null and slice_type in ('all', 'market', 'language') and scope_type in ('all', 'market', 'language')
            },
            -- Reinstatement rate
            {
                'metric_id': 'reinstatement_rate',
                'numerator': cast(coalesce(reversals_implemented, 0) as decimal(38, 12)),
                'denominator': cast(reversals as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': reversals is not null and slice_type in ('all', 'queue', 'decided_policy', 'market', 'language') and scope_type in ('all', 'queue', 'decided_policy', 'market', 'language')
            },
            -- Reporters' appeal overturn rate
            {
                'metric_id': 'reporter_appeal_overturn_rate',
                'numerator': cast(coalesce(overturned_reporter_appeals, 0) as decimal(38, 12)),
                'denominator': cast(decided_reporter_appeals as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(decided_reporter_appeals as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': decided_reporter_appeals is not null and slice_type in ('all', 'queue', 'decided_policy', 'market', 'language', 'automation') and scope_type in ('all', 'queue', 'decided_policy', 'market', 'language', 'automation')
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
            -- Appeal resolution time, 50 %
            {
                'metric_id': 'appeal_resolution_time_p50',
                'numerator': cast(appeal_resolution_time_p50 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': appeal_resolution_time_p50 is not null and slice_type in ('all', 'queue', 'decided_policy', 'market', 'language') and scope_type in ('all', 'queue', 'decided_policy', 'market', 'language')
            },
            -- Appeal resolution time, 90 %
            {
                'metric_id': 'appeal_resolution_time_p90',
                'numerator': cast(appeal_resolution_time_p90 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': appeal_resolution_time_p90 is not null and slice_type in ('all', 'queue', 'decided_policy', 'market', 'language') and scope_type in ('all', 'queue', 'decided_policy', 'market', 'language')
            }
        ], recursive := true),
        period_start
    from appeal_cohort_histogram_1_quantiles
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
