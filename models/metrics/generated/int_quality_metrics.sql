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

metrics as (
    -- Audit accuracy
    select
        'audit_accuracy' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        case when approved_audits = 0 then null else coalesce(correct_weight, 0) end as numerator,
        judged_weight as denominator,
        squared_judged_weight as sum_of_squares,
        judged_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as not_estimable_reason,
        period_start
    from periods
    where
        judged_weight is not null
        and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
    union all
    -- Audit accuracy before disputes
    select
        'audit_accuracy_initial' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        case when approved_audits = 0 then null else coalesce(initially_correct_weight, 0) end as numerator,
        initially_judged_weight as denominator,
        squared_initially_judged_weight as sum_of_squares,
        initially_judged_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as not_estimable_reason,
        period_start
    from periods
    where
        initially_judged_weight is not null
        and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
    union all
    -- Audit action accuracy
    select
        'audit_action_accuracy' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        case when approved_audits = 0 then null else coalesce(same_action_weight, 0) end as numerator,
        judged_weight as denominator,
        squared_judged_weight as sum_of_squares,
        judged_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as not_estimable_reason,
        period_start
    from periods
    where
        judged_weight is not null
        and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
    union all
    -- Audit F1
    select
        'audit_f1' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        case when approved_audits = 0 then null else coalesce(twice_true_positive_weight, 0) end as numerator,
        f1_weight as denominator,
        null as sum_of_squares,
        f1_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as not_estimable_reason,
        period_start
    from periods
    where
        f1_weight is not null
        and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
    union all
    -- Audit policy label accuracy
    select
        'audit_policy_label_accuracy' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(same_policy_weight, 0) as numerator,
        labelled_weight as denominator,
        null as sum_of_squares,
        labelled_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        labelled_weight is not null
        and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
        and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
    union all
    -- Audit precision
    select
        'audit_precision' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(true_positive_weight, 0) as numerator,
        actioned_weight as denominator,
        null as sum_of_squares,
        actioned_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        actioned_weight is not null
        and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
        and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
    union all
    -- Auditor agreement
    select
        'auditor_agreement' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(agreeing_pairs, 0) as numerator,
        paired_audits as denominator,
        null as sum_of_squares,
        paired_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        paired_audits is not null
        and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
    union all
    -- Critical error rate
    select
        'critical_error_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        case when approved_audits = 0 then null else coalesce(critical_error_weight, 0) end as numerator,
        judged_weight as denominator,
        squared_judged_weight as sum_of_squares,
        judged_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as not_estimable_reason,
        period_start
    from periods
    where
        judged_weight is not null
        and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
    union all
    -- Dispute overturn rate
    select
        'dispute_overturn_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(accepted_disputes, 0) as numerator,
        settled_disputes as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(verdicts_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        settled_disputes is not null
        and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
    union all
    -- Dispute rate
    select
        'dispute_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(disputed_initial_errors, 0) as numerator,
        initial_errors as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(verdicts_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        initial_errors is not null
        and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
    union all
    -- Disputed share of audits
    select
        'disputed_audit_share' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(disputed_decisions, 0) as numerator,
        audited_decisions as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(verdicts_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        audited_decisions is not null
        and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
    union all
    -- Escalation correctness
    select
        'escalation_correctness' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(due_escalation_weight, 0) as numerator,
        escalation_weight as denominator,
        null as sum_of_squares,
        escalations_audited as n,
        bit_count(verdicts_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        escalation_weight is not null
        and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
    union all
    -- False removal rate
    select
        'false_removal_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(false_positive_weight, 0) as numerator,
        actioned_weight as denominator,
        null as sum_of_squares,
        actioned_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        actioned_weight is not null
        and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
        and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
    union all
    -- Leakage rate
    select
        'leakage_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(false_negative_weight, 0) as numerator,
        approved_weight as denominator,
        null as sum_of_squares,
        approved_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        approved_weight is not null
        and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
    union all
    -- Over-enforcement rate
    select
        'over_enforcement_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        case when approved_audits = 0 then null else coalesce(false_positive_weight, 0) end as numerator,
        non_violative_weight as denominator,
        null as sum_of_squares,
        non_violative_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as not_estimable_reason,
        period_start
    from periods
    where
        non_violative_weight is not null
        and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
    union all
    -- Review recall
    select
        'review_recall' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        case when needed = 0 then null else coalesce(true_positive_weight, 0) end as numerator,
        violative_weight as denominator,
        null as sum_of_squares,
        violative_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        case when needed = 0 then 'no decision without an enforcement action was audited with a known probability' end as not_estimable_reason,
        period_start
    from (
        select
            *,
            -- Where not even the whole has what is needed, its parts have not either.
            case
                when slice_type in ('true_policy')
                    then max(case when slice_type = 'all' then approved_audits end) over (
                        partition by grain, scope_type, scope, period_start
                    )
                else approved_audits
            end as needed
        from periods
    ) as periods
    where
        violative_weight is not null
        and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy')
        and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy')
    union all
    -- Severity-weighted score
    select
        'severity_weighted_score' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        case when approved_audits = 0 then null else coalesce(avoided_severity_weight, 0) end as numerator,
        possible_severity_weight as denominator,
        null as sum_of_squares,
        scored_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        case when approved_audits = 0 then 'no decision without an enforcement action was audited with a known probability' end as not_estimable_reason,
        period_start
    from periods
    where
        possible_severity_weight is not null
        and slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
    union all
    -- Under-enforcement rate
    select
        'under_enforcement_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        case when needed = 0 then null else coalesce(false_negative_weight, 0) end as numerator,
        violative_weight as denominator,
        null as sum_of_squares,
        violative_audits as n,
        bit_count(verdicts_people_bits) as people_at_least,
        case when needed = 0 then 'no decision without an enforcement action was audited with a known probability' end as not_estimable_reason,
        period_start
    from (
        select
            *,
            -- Where not even the whole has what is needed, its parts have not either.
            case
                when slice_type in ('true_policy')
                    then max(case when slice_type = 'all' then approved_audits end) over (
                        partition by grain, scope_type, scope, period_start
                    )
                else approved_audits
            end as needed
        from periods
    ) as periods
    where
        violative_weight is not null
        and slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy')
        and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy')
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
