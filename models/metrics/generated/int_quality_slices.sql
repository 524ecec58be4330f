{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['quality'], 'day': 'reporting_on'},
) }}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with
-- Verdicts on human decisions by day of decision; weights are the decisions that a drawn audit stands for.
verdicts_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(suspected_policy_code, '(none)') as suspected_policy,
        coalesce(decided_policy_code, '(none)') as decided_policy,
        coalesce(true_policy_code, '(none)') as true_policy,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        sum(final_true_positive_weight + final_true_negative_weight) as correct_weight,
        sum(final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) as judged_weight,
        sum(final_squared_weight) as squared_judged_weight,
        sum(final_true_positives + final_false_positives + final_false_negatives + final_true_negatives) as judged_audits,
        sum(initial_true_positive_weight + initial_true_negative_weight) as initially_correct_weight,
        sum(initial_true_positive_weight + initial_false_positive_weight + initial_false_negative_weight + initial_true_negative_weight) as initially_judged_weight,
        sum(initial_squared_weight) as squared_initially_judged_weight,
        sum(initial_true_positives + initial_false_positives + initial_false_negatives + initial_true_negatives) as initially_judged_audits,
        sum(final_same_action_weight) as same_action_weight,
        sum(final_same_policy_weight) as same_policy_weight,
        sum(final_labelled_weight) as labelled_weight,
        sum(final_true_positive_weight) as true_positive_weight,
        sum(final_false_positive_weight) as false_positive_weight,
        sum(final_false_negative_weight) as false_negative_weight,
        sum(final_true_positive_weight + final_false_positive_weight) as actioned_weight,
        sum(final_false_negative_weight + final_true_negative_weight) as approved_weight,
        sum(final_true_positive_weight + final_false_negative_weight) as violative_weight,
        sum(final_false_positive_weight + final_true_negative_weight) as non_violative_weight,
        sum(2 * final_true_positive_weight) as twice_true_positive_weight,
        sum(2 * final_true_positive_weight + final_false_positive_weight + final_false_negative_weight) as f1_weight,
        sum(final_true_positives + final_false_negatives) as violative_audits,
        sum(final_false_positives + final_true_negatives) as non_violative_audits,
        sum(final_true_positives + final_false_positives + final_false_negatives) as f1_audits,
        sum(final_labelled_audits) as labelled_audits,
        sum(final_true_positives + final_false_positives) as actioned_audits,
        sum(final_false_negatives + final_true_negatives) as approved_audits,
        sum(audited_decisions) as audited_decisions,
        sum(disputed_decisions) as disputed_decisions,
        sum(initial_errors) as initial_errors,
        sum(disputed_initial_errors) as disputed_initial_errors,
        sum(settled_disputes) as settled_disputes,
        sum(accepted_disputes) as accepted_disputes,
        sum(paired_decisions) as paired_audits,
        sum(agreeing_pairs) as agreeing_pairs,
        sum(scored_audits) as scored_audits,
        sum(possible_severity_weight) as possible_severity_weight,
        sum(possible_severity_weight - error_severity_weight) as avoided_severity_weight,
        sum(critical_error_weight) as critical_error_weight,
        sum(escalations_audited) as escalations_audited,
        sum(escalation_weight) as escalation_weight,
        sum(due_escalation_weight) as due_escalation_weight,
        bit_or(people_bits) as verdicts_people_bits,
        event_on as reporting_on
    from {{ ref('int_human_verdicts_daily') }}
    where
        event_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['quality'], 'event_on') }}
    group by all
),

verdicts_split as (
    select
        reporting_on,
        market,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(suspected_policy) = 0 then 'suspected_policy'
            when grouping(decided_policy) = 0 then 'decided_policy'
            when grouping(true_policy) = 0 then 'true_policy'
            when grouping(language) = 0 then 'language'
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue, suspected_policy, decided_policy, true_policy, language, site, 'all') as slice,
        sum(correct_weight) as correct_weight,
        sum(judged_weight) as judged_weight,
        sum(squared_judged_weight) as squared_judged_weight,
        sum(judged_audits) as judged_audits,
        sum(initially_correct_weight) as initially_correct_weight,
        sum(initially_judged_weight) as initially_judged_weight,
        sum(squared_initially_judged_weight) as squared_initially_judged_weight,
        sum(initially_judged_audits) as initially_judged_audits,
        sum(same_action_weight) as same_action_weight,
        sum(same_policy_weight) as same_policy_weight,
        sum(labelled_weight) as labelled_weight,
        sum(true_positive_weight) as true_positive_weight,
        sum(false_positive_weight) as false_positive_weight,
        sum(false_negative_weight) as false_negative_weight,
        sum(actioned_weight) as actioned_weight,
        sum(approved_weight) as approved_weight,
        sum(violative_weight) as violative_weight,
        sum(non_violative_weight) as non_violative_weight,
        sum(twice_true_positive_weight) as twice_true_positive_weight,
        sum(f1_weight) as f1_weight,
        sum(violative_audits) as violative_audits,
        sum(non_violative_audits) as non_violative_audits,
        sum(f1_audits) as f1_audits,
        sum(labelled_audits) as labelled_audits,
        sum(actioned_audits) as actioned_audits,
        sum(approved_audits) as approved_audits,
        sum(audited_decisions) as audited_decisions,
        sum(disputed_decisions) as disputed_decisions,
        sum(initial_errors) as initial_errors,
        sum(disputed_initial_errors) as disputed_initial_errors,
        sum(settled_disputes) as settled_disputes,
        sum(accepted_disputes) as accepted_disputes,
        sum(paired_audits) as paired_audits,
        sum(agreeing_pairs) as agreeing_pairs,
        sum(scored_audits) as scored_audits,
        sum(possible_severity_weight) as possible_severity_weight,
        sum(avoided_severity_weight) as avoided_severity_weight,
        sum(critical_error_weight) as critical_error_weight,
        sum(escalations_audited) as escalations_audited,
        sum(escalation_weight) as escalation_weight,
        sum(due_escalation_weight) as due_escalation_weight,
        bit_or(verdicts_people_bits) as verdicts_people_bits
    from verdicts_cells
    group by {{ each_slice(['reporting_on', 'market', 'vendor'], ['queue', 'suspected_policy', 'decided_policy', 'true_policy', 'language', 'site']) }}  -- noqa: PRS
),

verdicts_placed as (
    select * from verdicts_split
    union all
    select * replace ('market' as slice_type, market as slice) from verdicts_split
    where slice_type = 'all'
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from verdicts_split
    where slice_type = 'all'
),

verdicts_scoped as (
    select
        * exclude (market, vendor),
        'all' as scope_type,
        'all' as scope
    from verdicts_placed
    union all
    select
        * exclude (market, vendor),
        'market' as scope_type,
        market as scope
    from verdicts_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
    union all
    select
        * exclude (market, vendor),
        'vendor' as scope_type,
        vendor as scope
    from verdicts_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

united as (
    select * from verdicts_scoped
)

select
    scope_type,
    scope,
    slice_type,
    slice,
    cast(sum(correct_weight) as decimal(38, 12)) as correct_weight,
    cast(sum(judged_weight) as decimal(38, 12)) as judged_weight,
    cast(sum(squared_judged_weight) as decimal(38, 12)) as squared_judged_weight,
    cast(sum(judged_audits) as decimal(38, 12)) as judged_audits,
    cast(sum(initially_correct_weight) as decimal(38, 12)) as initially_correct_weight,
    cast(sum(initially_judged_weight) as decimal(38, 12)) as initially_judged_weight,
    cast(sum(squared_initially_judged_weight) as decimal(38, 12)) as squared_initially_judged_weight,
    cast(sum(initially_judged_audits) as decimal(38, 12)) as initially_judged_audits,
    cast(sum(same_action_weight) as decimal(38, 12)) as same_action_weight,
    cast(sum(same_policy_weight) as decimal(38, 12)) as same_policy_weight,
    cast(sum(labelled_weight) as decimal(38, 12)) as labelled_weight,
    cast(sum(true_positive_weight) as decimal(38, 12)) as true_positive_weight,
    cast(sum(false_positive_weight) as decimal(38, 12)) as false_positive_weight,
    cast(sum(false_negative_weight) as decimal(38, 12)) as false_negative_weight,
    cast(sum(actioned_weight) as decimal(38, 12)) as actioned_weight,
    cast(sum(approved_weight) as decimal(38, 12)) as approved_weight,
    cast(sum(violative_weight) as decimal(38, 12)) as violative_weight,
    cast(sum(non_violative_weight) as decimal(38, 12)) as non_violative_weight,
    cast(sum(twice_true_positive_weight) as decimal(38, 12)) as twice_true_positive_weight,
    cast(sum(f1_weight) as decimal(38, 12)) as f1_weight,
    cast(sum(violative_audits) as decimal(38, 12)) as violative_audits,
    cast(sum(non_violative_audits) as decimal(38, 12)) as non_violative_audits,
    cast(sum(f1_audits) as decimal(38, 12)) as f1_audits,
    cast(sum(labelled_audits) as decimal(38, 12)) as labelled_audits,
    cast(sum(actioned_audits) as decimal(38, 12)) as actioned_audits,
    cast(sum(approved_audits) as decimal(38, 12)) as approved_audits,
    cast(sum(audited_decisions) as decimal(38, 12)) as audited_decisions,
    cast(sum(disputed_decisions) as decimal(38, 12)) as disputed_decisions,
    cast(sum(initial_errors) as decimal(38, 12)) as initial_errors,
    cast(sum(disputed_initial_errors) as decimal(38, 12)) as disputed_initial_errors,
    cast(sum(settled_disputes) as decimal(38, 12)) as settled_disputes,
    cast(sum(accepted_disputes) as decimal(38, 12)) as accepted_disputes,
    cast(sum(paired_audits) as decimal(38, 12)) as paired_audits,
    cast(sum(agreeing_pairs) as decimal(38, 12)) as agreeing_pairs,
    cast(sum(scored_audits) as decimal(38, 12)) as scored_audits,
    cast(sum(possible_severity_weight) as decimal(38, 12)) as possible_severity_weight,
    cast(sum(avoided_severity_weight) as decimal(38, 12)) as avoided_severity_weight,
    cast(sum(critical_error_weight) as decimal(38, 12)) as critical_error_weight,
    cast(sum(escalations_audited) as decimal(38, 12)) as escalations_audited,
    cast(sum(escalation_weight) as decimal(38, 12)) as escalation_weight,
    cast(sum(due_escalation_weight) as decimal(38, 12)) as due_escalation_weight,
    cast(bit_or(verdicts_people_bits) as bigint) as verdicts_people_bits,
    {{ batch() }} as _batch,
    reporting_on
from united
group by all
