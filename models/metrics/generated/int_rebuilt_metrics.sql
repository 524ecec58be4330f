{{ config(materialized='table') }}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with days as (
    select * from {{ ref('int_rebuilt_slices') }}
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
        sum(actions_ended) as actions_ended,
        sum(actions_on_time) as actions_on_time,
        sum(all_work_hours) as all_work_hours,
        bit_or(attrition_people_bits) as attrition_people_bits,
        sum(codes_unmapped) as codes_unmapped,
        sum(due_audits) as due_audits,
        sum(due_audits_done) as due_audits_done,
        sum(hours_behind) as hours_behind,
        sum(leavers) as leavers,
        sum(leavers_of_twelve_months) as leavers_of_twelve_months,
        sum(mean_headcount) as mean_headcount,
        sum(mean_headcount_of_twelve_months) as mean_headcount_of_twelve_months,
        sum(moderation_cost) as moderation_cost,
        bit_or(ordered_matches_people_bits) as ordered_matches_people_bits,
        sum(ordered_ratings) as ordered_ratings,
        sum(other_work_cost) as other_work_cost,
        sum(other_work_hours) as other_work_hours,
        sum(priced_decisions) as priced_decisions,
        sum(productive_hours) as productive_hours,
        sum(reference_matches) as reference_matches,
        bit_or(reference_matches_people_bits) as reference_matches_people_bits,
        sum(referenced_ratings) as referenced_ratings,
        sum(root_causes_confirmed) as root_causes_confirmed,
        sum(root_causes_reviewed) as root_causes_reviewed,
        sum(rows_judged) as rows_judged,
        sum(rows_quarantined) as rows_quarantined,
        sum(rows_staged) as rows_staged,
        sum(scorecard_reviews) as scorecard_reviews,
        sum(scorecard_score_sum) as scorecard_score_sum,
        sum(settings_correct) as settings_correct,
        sum(settings_expected) as settings_expected,
        sum(settings_there) as settings_there,
        bit_or(shift_work_people_bits) as shift_work_people_bits,
        sum(squared_scorecard_scores) as squared_scorecard_scores,
        sum(strictness_excess) as strictness_excess,
        sum(tables_awaited) as tables_awaited,
        sum(timed_decisions) as timed_decisions,
        sum(unequal_ratings) as unequal_ratings,
        sum(windows_known) as windows_known,
        period_start
    from dated
    group by all
),

metrics as (
    -- Actions on time
    select
        'action_on_time_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(actions_on_time, 0) as numerator,
        actions_ended as denominator,
        null as sum_of_squares,
        null as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        actions_ended is not null
        and slice_type in ('all', 'department')
        and scope_type in ('all', 'department')
    union all
    -- Attrition rate
    select
        'attrition_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        case when windows_known = 0 then null else coalesce(leavers_of_twelve_months, 0) end as numerator,
        mean_headcount_of_twelve_months as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(attrition_people_bits) as people_at_least,
        case when windows_known = 0 then 'fewer than twelve months of the roster are known' end as not_estimable_reason,
        period_start
    from periods
    where
        mean_headcount_of_twelve_months is not null
        and slice_type in ('all', 'site', 'vendor', 'team')
        and scope_type in ('all', 'site', 'vendor', 'team')
        and grain in ('month')
    union all
    -- Audit plan completion
    select
        'audit_plan_completion' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(due_audits_done, 0) as numerator,
        due_audits as denominator,
        null as sum_of_squares,
        null as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        due_audits is not null
        and slice_type in ('all', 'stratum')
        and scope_type in ('all', 'stratum')
    union all
    -- Configuration accuracy
    select
        'configuration_accuracy' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(settings_correct, 0) as numerator,
        settings_expected as denominator,
        null as sum_of_squares,
        null as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        settings_expected is not null
        and slice_type in ('all', 'queue')
        and scope_type in ('all', 'queue')
    union all
    -- Configuration completeness
    select
        'configuration_completeness' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(settings_there, 0) as numerator,
        settings_expected as denominator,
        null as sum_of_squares,
        null as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        settings_expected is not null
        and slice_type in ('all', 'queue')
        and scope_type in ('all', 'queue')
    union all
    -- Cost per decision
    select
        'cost_per_decision' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(moderation_cost, 0) as numerator,
        priced_decisions as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(shift_work_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        priced_decisions is not null
        and slice_type in ('all', 'site', 'vendor')
        and scope_type in ('all', 'site', 'vendor')
    union all
    -- Freshness
    select
        'freshness_hours' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(hours_behind, 0) as numerator,
        tables_awaited as denominator,
        null as sum_of_squares,
        null as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        tables_awaited is not null
        and slice_type in ('all', 'landed_table')
        and scope_type in ('all', 'landed_table')
        and grain in ('day')
    union all
    -- Attrition rate of the month
    select
        'monthly_attrition_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(leavers, 0) as numerator,
        mean_headcount as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(attrition_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        mean_headcount is not null
        and slice_type in ('all', 'site', 'vendor', 'team')
        and scope_type in ('all', 'site', 'vendor', 'team')
        and grain in ('month')
    union all
    -- Cost of other work
    select
        'other_work_cost' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        other_work_cost as numerator,
        null as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(shift_work_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        other_work_cost is not null
        and slice_type in ('all', 'site', 'vendor')
        and scope_type in ('all', 'site', 'vendor')
    union all
    -- Share of other work
    select
        'other_work_share' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(other_work_hours, 0) as numerator,
        all_work_hours as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(shift_work_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        all_work_hours is not null
        and slice_type in ('all', 'site', 'vendor')
        and scope_type in ('all', 'site', 'vendor')
    union all
    -- Quarantine rate
    select
        'quarantine_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(rows_quarantined, 0) as numerator,
        rows_judged as denominator,
        null as sum_of_squares,
        null as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        rows_judged is not null
        and slice_type in ('all', 'landed_table')
        and scope_type in ('all', 'landed_table')
    union all
    -- Reference match rate
    select
        'reference_match_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(reference_matches, 0) as numerator,
        referenced_ratings as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(reference_matches_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        referenced_ratings is not null
        and slice_type in ('all', 'queue')
        and scope_type in ('all', 'queue')
    union all
    -- Root-cause confirmation rate
    select
        'root_cause_confirmation_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(root_causes_confirmed, 0) as numerator,
        root_causes_reviewed as denominator,
        null as sum_of_squares,
        null as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        root_causes_reviewed is not null
        and slice_type in ('all', 'department')
        and scope_type in ('all', 'department')
    union all
    -- Scorecard quality score
    select
        'scorecard_quality_score' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(scorecard_score_sum, 0) as numerator,
        scorecard_reviews as denominator,
        squared_scorecard_scores as sum_of_squares,
        scorecard_reviews as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        scorecard_reviews is not null
        and slice_type in ('all', 'subject_type')
        and scope_type in ('all', 'subject_type')
    union all
    -- Strictness against the reference
    select
        'strictness_bias' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(strictness_excess, 0) as numerator,
        ordered_ratings as denominator,
        unequal_ratings as sum_of_squares,
        null as n,
        bit_count(ordered_matches_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        ordered_ratings is not null
        and slice_type in ('all', 'queue')
        and scope_type in ('all', 'queue')
    union all
    -- Throughput per productive hour
    select
        'throughput_per_productive_hour' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(timed_decisions, 0) as numerator,
        productive_hours as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(shift_work_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        productive_hours is not null
        and slice_type in ('all', 'site', 'vendor')
        and scope_type in ('all', 'site', 'vendor')
    union all
    -- Unmapped rate
    select
        'unmapped_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(codes_unmapped, 0) as numerator,
        rows_staged as denominator,
        null as sum_of_squares,
        null as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        rows_staged is not null
        and slice_type in ('all', 'landed_table')
        and scope_type in ('all', 'landed_table')
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
    period_start
from metrics
