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

-- A row a metric. A list and no union: each branch of a union holds memory of its own until the last has been written.
metrics as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            -- Actions on time
            {
                'metric_id': 'action_on_time_rate',
                'numerator': cast(coalesce(actions_on_time, 0) as decimal(38, 12)),
                'denominator': cast(actions_ended as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': actions_ended is not null and slice_type in ('all', 'department') and scope_type in ('all', 'department')
            },
            -- Attrition rate
            {
                'metric_id': 'attrition_rate',
                'numerator': cast(case when windows_known = 0 then null else coalesce(leavers_of_twelve_months, 0) end as decimal(38, 12)),
                'denominator': cast(mean_headcount_of_twelve_months as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(attrition_people_bits) as bigint),
                'not_estimable_reason': cast(case when windows_known = 0 then 'fewer than twelve months of the roster are known' end as varchar),
                'is_present': mean_headcount_of_twelve_months is not null and slice_type in ('all', 'site', 'vendor', 'team') and scope_type in ('all', 'site', 'vendor', 'team') and grain in ('month')
            },
            -- Audit plan completion
            {
                'metric_id': 'audit_plan_completion',
                'numerator': cast(coalesce(due_audits_done, 0) as decimal(38, 12)),
                'denominator': cast(due_audits as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': due_audits is not null and slice_type in ('all', 'stratum') and scope_type in ('all', 'stratum')
            },
            -- Configuration accuracy
            {
                'metric_id': 'configuration_accuracy',
                'numerator': cast(coalesce(settings_correct, 0) as decimal(38, 12)),
                'denominator': cast(settings_expected as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': settings_expected is not null and slice_type in ('all', 'queue') and scope_type in ('all', 'queue')
            },
            -- Configuration completeness
            {
                'metric_id': 'configuration_completeness',
                'numerator': cast(coalesce(settings_there, 0) as decimal(38, 12)),
                'denominator': cast(settings_expected as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': settings_expected is not null and slice_type in ('all', 'queue') and scope_type in ('all', 'queue')
            },
            -- Cost per decision
            {
                'metric_id': 'cost_per_decision',
                'numerator': cast(coalesce(moderation_cost, 0) as decimal(38, 12)),
                'denominator': cast(priced_decisions as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(shift_work_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': priced_decisions is not null and slice_type in ('all', 'site', 'vendor') and scope_type in ('all', 'site', 'vendor')
            },
            -- Freshness
            {
                'metric_id': 'freshness_hours',
                'numerator': cast(coalesce(hours_behind, 0) as decimal(38, 12)),
                'denominator': cast(tables_awaited as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': tables_awaited is not null and slice_type in ('all', 'landed_table') and scope_type in ('all', 'landed_table') and grain in ('day')
            },
            -- Attrition rate of the month
            {
                'metric_id': 'monthly_attrition_rate',
                'numerator': cast(coalesce(leavers, 0) as decimal(38, 12)),
                'denominator': cast(mean_headcount as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(attrition_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': mean_headcount is not null and slice_type in ('all', 'site', 'vendor', 'team') and scope_type in ('all', 'site', 'vendor', 'team') and grain in ('month')
            },
            -- Cost of other work
            {
                'metric_id': 'other_work_cost',
                'numerator': cast(other_work_cost as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(shift_work_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': other_work_cost is not null and slice_type in ('all', 'site', 'vendor') and scope_type in ('all', 'site', 'vendor')
            },
            -- Share of other work
            {
                'metric_id': 'other_work_share',
                'numerator': cast(coalesce(other_work_hours, 0) as decimal(38, 12)),
                'denominator': cast(all_work_hours as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(shift_work_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': all_work_hours is not null and slice_type in ('all', 'site', 'vendor') and scope_type in ('all', 'site', 'vendor')
            },
            -- Quarantine rate
            {
                'metric_id': 'quarantine_rate',
                'numerator': cast(coalesce(rows_quarantined, 0) as decimal(38, 12)),
                'denominator': cast(rows_judged as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': rows_judged is not null and slice_type in ('all', 'landed_table') and scope_type in ('all', 'landed_table')
            },
            -- Reference match rate
            {
                'metric_id': 'reference_match_rate',
                'numerator': cast(coalesce(reference_matches, 0) as decimal(38, 12)),
                'denominator': cast(referenced_ratings as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(reference_matches_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': referenced_ratings is not null and slice_type in ('all', 'queue') and scope_type in ('all', 'queue')
            },
            -- Root-cause confirmation rate
            {
                'metric_id': 'root_cause_confirmation_rate',
                'numerator': cast(coalesce(root_causes_confirmed, 0) as decimal(38, 12)),
                'denominator': cast(root_causes_reviewed as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': root_causes_reviewed is not null and slice_type in ('all', 'department') and scope_type in ('all', 'department')
            },
            -- Scorecard quality score
            {
                'metric_id': 'scorecard_quality_score',
                'numerator': cast(coalesce(scorecard_score_sum, 0) as decimal(38, 12)),
                'denominator': cast(scorecard_reviews as decimal(38, 12)),
                'sum_of_squares': cast(squared_scorecard_scores as decimal(38, 12)),
                'n': cast(scorecard_reviews as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': scorecard_reviews is not null and slice_type in ('all', 'subject_type') and scope_type in ('all', 'subject_type')
            },
            -- Strictness against the reference
            {
                'metric_id': 'strictness_bias',
                'numerator': cast(coalesce(strictness_excess, 0) as decimal(38, 12)),
                'denominator': cast(ordered_ratings as decimal(38, 12)),
                'sum_of_squares': cast(unequal_ratings as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(ordered_matches_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': ordered_ratings is not null and slice_type in ('all', 'queue') and scope_type in ('all', 'queue')
            },
            -- Throughput per productive hour
            {
                'metric_id': 'throughput_per_productive_hour',
                'numerator': cast(coalesce(timed_decisions, 0) as decimal(38, 12)),
                'denominator': cast(productive_hours as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(shift_work_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': productive_hours is not null and slice_type in ('all', 'site', 'vendor') and scope_type in ('all', 'site', 'vendor')
            },
            -- Unmapped rate
            {
                'metric_id': 'unmapped_rate',
                'numerator': cast(coalesce(codes_unmapped, 0) as decimal(38, 12)),
                'denominator': cast(rows_staged as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': rows_staged is not null and slice_type in ('all', 'landed_table') and scope_type in ('all', 'landed_table')
            }
        ], recursive := true),
        period_start
    from periods
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
    period_start
from metrics
where is_present
