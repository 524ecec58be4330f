{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['quality'], 'grain': 'period'},
) }}
{%- set affected = affected_periods(ref('affected_metric_days'), ['quality']) %}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with days as (
    select * from {{ ref('int_quality_slices') }}
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
        sum(accepted_disputes) as accepted_disputes,
        sum(actioned_audits) as actioned_audits,
        sum(actioned_weight) as actioned_weight,
        sum(agreeing_pairs) as agreeing_pairs,
        sum(approved_audits) as approved_audits,
        sum(approved_weight) as approved_weight,
        sum(audited_decisions) as audited_decisions,
        sum(avoided_severity_weight) as avoided_severity_weight,
        sum(correct_weight) as correct_weight,
        sum(critical_error_weight) as critical_error_weight,
        sum(disputed_decisions) as disputed_decisions,
        sum(disputed_initial_errors) as disputed_initial_errors,
        sum(due_escalation_weight) as due_escalation_weight,
        sum(escalation_weight) as escalation_weight,
        sum(escalations_audited) as escalations_audited,
        sum(f1_audits) as f1_audits,
        sum(f1_weight) as f1_weight,
        sum(false_negative_weight) as false_negative_weight,
        sum(false_positive_weight) as false_positive_weight,
        sum(initial_errors) as initial_errors,
        sum(initially_correct_weight) as initially_correct_weight,
        sum(initially_judged_audits) as initially_judged_audits,
        sum(initially_judged_weight) as initially_judged_weight,
        sum(judged_audits) as judged_audits,
        sum(judged_weight) as judged_weight,
        sum(labelled_audits) as labelled_audits,
        sum(labelled_weight) as labelled_weight,
        sum(non_violative_audits) as non_violative_audits,
        sum(non_violative_weight) as non_violative_weight,
        sum(paired_audits) as paired_audits,
        sum(possible_severity_weight) as possible_severity_weight,
        sum(same_action_weight) as same_action_weight,
        sum(same_policy_weight) as same_policy_weight,
        sum(scored_audits) as scored_audits,
        sum(settled_disputes) as settled_disputes,
        sum(squared_initially_judged_weight) as squared_initially_judged_weight,
        sum(squared_judged_weight) as squared_judged_weight,
        sum(true_positive_weight) as true_positive_weight,
        sum(twice_true_positive_weight) as twice_true_positive_weight,
        bit_or(verdicts_people_bits) as verdicts_people_bits,
        sum(violative_audits) as violative_audits,
        sum(violative_weight) as violative_weight,
        period_start
    from dated
    where {{ in_periods(affected) }}
    group by all
),

-- Where not even the whole has what a metric needs, its parts have not either.
periods_and_needed as (
    select
        *,
        case
            when slice_type in ('true_policy')
                then max(case when slice_type = 'all' then approved_audits end) over (
                    partition by grain, scope_type, scope, period_start
                )
            else approved_audits
        end as review_recall_needed,
        case
            when slice_type in ('true_policy')
                then max(case when slice_type = 'all' then approved_audits end) over (
                    partition by grain, scope_type, scope, period_start
                )
            else approved_audits
        end as under_enforcement_rate_needed
    from periods
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
            -- Audit accuracy
            {
                'metric_id': 'audit_accuracy',
                'numerator': cast(case when approved_audits = 0 then null else coalesce(correct_weight, 0) end as decimal(38, 12)),
                'denominator': cast(judged_weight as decimal(38, 12)),
                'sum_of_squares': cast(squared_judged_weight as decimal(38, 12)),
                'n': cast(judged_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as varchar),
                'is_present': judged_weight is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Audit accuracy before disputes
            {
                'metric_id': 'audit_accuracy_initial',
                'numerator': cast(case when approved_audits = 0 then null else coalesce(initially_correct_weight, 0) end as decimal(38, 12)),
                'denominator': cast(initially_judged_weight as decimal(38, 12)),
                'sum_of_squares': cast(squared_initially_judged_weight as decimal(38, 12)),
                'n': cast(initially_judged_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as varchar),
                'is_present': initially_judged_weight is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Audit action accuracy
            {
                'metric_id': 'audit_action_accuracy',
                'numerator': cast(case when approved_audits = 0 then null else coalesce(same_action_weight, 0) end as decimal(38, 12)),
                'denominator': cast(judged_weight as decimal(38, 12)),
                'sum_of_squares': cast(squared_judged_weight as decimal(38, 12)),
                'n': cast(judged_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as varchar),
                'is_present': judged_weight is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Audit F1
            {
                'metric_id': 'audit_f1',
                'numerator': cast(case when approved_audits = 0 then null else coalesce(twice_true_positive_weight, 0) end as decimal(38, 12)),
                'denominator': cast(f1_weight as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(f1_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as varchar),
                'is_present': f1_weight is not null and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
            },
            -- Audit policy label accuracy
            {
                'metric_id': 'audit_policy_label_accuracy',
                'numerator': cast(coalesce(same_policy_weight, 0) as decimal(38, 12)),
                'denominator': cast(labelled_weight as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(labelled_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': labelled_weight is not null and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
            },
            -- Audit precision
            {
                'metric_id': 'audit_precision',
                'numerator': cast(coalesce(true_positive_weight, 0) as decimal(38, 12)),
                'denominator': cast(actioned_weight as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(actioned_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': actioned_weight is not null and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
            },
            -- Auditor agreement
            {
                'metric_id': 'auditor_agreement',
                'numerator': cast(coalesce(agreeing_pairs, 0) as decimal(38, 12)),
                'denominator': cast(paired_audits as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(paired_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': paired_audits is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Critical error rate
            {
                'metric_id': 'critical_error_rate',
                'numerator': cast(case when approved_audits = 0 then null else coalesce(critical_error_weight, 0) end as decimal(38, 12)),
                'denominator': cast(judged_weight as decimal(38, 12)),
                'sum_of_squares': cast(squared_judged_weight as decimal(38, 12)),
                'n': cast(judged_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as varchar),
                'is_present': judged_weight is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Dispute overturn rate
            {
                'metric_id': 'dispute_overturn_rate',
                'numerator': cast(coalesce(accepted_disputes, 0) as decimal(38, 12)),
                'denominator': cast(settled_disputes as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': settled_disputes is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Dispute rate
            {
                'metric_id': 'dispute_rate',
                'numerator': cast(coalesce(disputed_initial_errors, 0) as decimal(38, 12)),
                'denominator': cast(initial_errors as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': initial_errors is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Disputed share of audits
            {
                'metric_id': 'disputed_audit_share',
                'numerator': cast(coalesce(disputed_decisions, 0) as decimal(38, 12)),
                'denominator': cast(audited_decisions as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': audited_decisions is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Escalation correctness
            {
                'metric_id': 'escalation_correctness',
                'numerator': cast(coalesce(due_escalation_weight, 0) as decimal(38, 12)),
                'denominator': cast(escalation_weight as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(escalations_audited as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': escalation_weight is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- False removal rate
            {
                'metric_id': 'false_removal_rate',
                'numerator': cast(coalesce(false_positive_weight, 0) as decimal(38, 12)),
                'denominator': cast(actioned_weight as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(actioned_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': actioned_weight is not null and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
            },
            -- Leakage rate
            {
                'metric_id': 'leakage_rate',
                'numerator': cast(coalesce(false_negative_weight, 0) as decimal(38, 12)),
                'denominator': cast(approved_weight as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(approved_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': approved_weight is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Over-enforcement rate
            {
                'metric_id': 'over_enforcement_rate',
                'numerator': cast(case when approved_audits = 0 then null else coalesce(false_positive_weight, 0) end as decimal(38, 12)),
                'denominator': cast(non_violative_weight as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(non_violative_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as varchar),
                'is_present': non_violative_weight is not null and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
            },
            -- Review recall
            {
                'metric_id': 'review_recall',
                'numerator': cast(case when review_recall_needed = 0 then null else coalesce(true_positive_weight, 0) end as decimal(38, 12)),
                'denominator': cast(violative_weight as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(violative_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(case when review_recall_needed = 0 then 'no decision without an enforcement action was audited with a known probability' end as varchar),
                'is_present': violative_weight is not null and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy')
            },
            -- Severity-weighted score
            {
                'metric_id': 'severity_weighted_score',
                'numerator': cast(case when approved_audits = 0 then null else coalesce(avoided_severity_weight, 0) end as decimal(38, 12)),
                'denominator': cast(possible_severity_weight as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(scored_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as varchar),
                'is_present': possible_severity_weight is not null and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            -- Under-enforcement rate
            {
                'metric_id': 'under_enforcement_rate',
                'numerator': cast(case when under_enforcement_rate_needed = 0 then null else coalesce(false_negative_weight, 0) end as decimal(38, 12)),
                'denominator': cast(violative_weight as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(violative_audits as bigint),
                'people_at_least': cast(bit_count(verdicts_people_bits) as bigint),
                'not_estimable_reason': cast(case when under_enforcement_rate_needed = 0 then 'no decision without an enforcement action was audited with a known probability' end as varchar),
                'is_present': violative_weight is not null and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy')
            }
        ], recursive := true),
        period_start
    from periods_and_needed
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
