-- Over 120 lines: the rules by which audits and disputes become one verdict stand together.
{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- One verdict a decision. First what the first round says: one auditor, or a pair that agrees; then, by the highest
-- later round or a settled dispute, what was adjudicated. The weight is that of round 1, whoever decided in the end.
with decisions as (
    {{ staged_among(
        'moderation', 'decisions',
        'decision_id in (select audits.decision_id from ' ~ ref('int_audits') ~ ' as audits) and '
        ~ in_affected_days(ref('affected_verdict_days')),
        also_exclude=ref('impossible_moderation__decisions')
    ) }}
),

-- Kept under the day of the decision, whenever the audits came in.
audits as (
    select
        audits.*,
        -- To escalate is an answer, though it says nothing of a violation.
        audits.is_usable or audits.audited_outcome = 'escalate' as is_answer,
        decisions.decided_at,
        decisions.event_on as decided_on
    from {{ ref('int_audits') }} as audits
    inner join decisions on audits.decision_id = decisions.decision_id
),

-- Where a decision was drawn, what was picked on purpose besides has no say in the estimate.
first_audits as (
    select
        *,
        sample_design in ('random', 'stratified') as is_drawn,
        bool_or(sample_design in ('random', 'stratified')) over (partition by decision_id) as has_drawn
    from audits
    where audit_round = 1
),

first_round as (
    select
        decision_id,
        {{ value_at_min('sample_design', '(audited_at, audit_id)') }} as sample_design,
        {{ value_at_min('frame_id', '(audited_at, audit_id)') }} as frame_id,
        {{ value_at_min('stratum', '(audited_at, audit_id)') }} as stratum,
        max(inclusion_probability) as inclusion_probability,
        count(*) filter (where is_answer) as usable_audits,
        -- Who knows what was decided is no half of a blind pair.
        count(*) filter (where is_answer and review_mode is distinct from 'open') as blind_audits,
        count(*) filter (where audited_outcome <> 'unauditable') as said_audits,
        max(severity) as severity,
        bool_and(audited_outcome = 'escalate') filter (
            where audited_outcome not in ('unauditable', '(unmapped)')
        ) as is_escalated_by_all,
        bool_or(audited_outcome = 'escalate') filter (
            where audited_outcome not in ('unauditable', '(unmapped)')
        ) as is_escalated_by_any,
        min(audited_outcome) filter (where is_answer) as lowest_outcome,
        max(audited_outcome) filter (where is_answer) as highest_outcome,
        min(coalesce(audited_policy_code, '(none)')) filter (where is_answer) as lowest_policy,
        max(coalesce(audited_policy_code, '(none)')) filter (where is_answer) as highest_policy
    from first_audits
    where is_drawn = has_drawn
    group by decision_id
),

histories as (
    select
        decision_id,
        min(decided_on) as event_on,
        min(decided_at) as decided_at,
        min(case when audit_round = 1 then audited_at end) as first_audited_at,
        min(dispute_raised_at) as dispute_raised_at,
        max(dispute_resolved_at) as dispute_resolved_at,
        max_by(severity, (audit_round, audited_at, audit_id))
        filter (where audit_round > 1 and severity is not null) as later_severity,
        max_by(audited_outcome = 'escalate', (audit_round, audited_at, audit_id))
        filter (where audit_round > 1 and audited_outcome not in ('unauditable', '(unmapped)'))
            as is_escalated_later,
        bool_or(coalesce(dispute_status = 'raised', false)) as is_provisional,
        bool_or(dispute_status is not null) as is_disputed,
        bool_or(coalesce(dispute_status in ('accepted', 'rejected'), false)) as is_dispute_settled,
        bool_or(coalesce(dispute_status = 'accepted', false)) as is_dispute_accepted,
        max_by(final_outcome, (coalesce(dispute_resolved_at, audited_at), audit_round, audit_id))
        filter (where final_outcome is not null) as outcome,
        max_by(
            coalesce(final_policy_code, '(none)'), (coalesce(dispute_resolved_at, audited_at), audit_round, audit_id)
        )
        filter (where final_outcome is not null) as policy_code
    from audits
    group by decision_id
),

later_rounds as (
    select
        audits.decision_id,
        max_by(audits.audited_outcome, (audits.audit_round, audits.audited_at, audits.audit_id)) as outcome,
        max_by(coalesce(audits.audited_policy_code, '(none)'), (audits.audit_round, audits.audited_at, audits.audit_id))
            as policy_code,
        max_by(audits.audited_outcome, (audits.audit_round, audits.audited_at, audits.audit_id))
        filter (where histories.dispute_raised_at is null or audits.audited_at < histories.dispute_raised_at)
            as undisputed_outcome,
        max_by(coalesce(audits.audited_policy_code, '(none)'), (audits.audit_round, audits.audited_at, audits.audit_id))
        filter (where histories.dispute_raised_at is null or audits.audited_at < histories.dispute_raised_at)
            as undisputed_policy_code
    from audits
    inner join histories on audits.decision_id = histories.decision_id
    where audits.audit_round > 1 and audits.is_answer
    group by audits.decision_id
),

agreed as (
    select
        *,
        case when lowest_outcome = highest_outcome then lowest_outcome end as outcome,
        case when lowest_outcome = highest_outcome and lowest_policy = highest_policy then lowest_policy end
            as policy_code
    from first_round
),

final as (
    select
        agreed.decision_id,
        agreed.frame_id,
        agreed.stratum,
        agreed.sample_design,
        nullif(coalesce(later_rounds.undisputed_outcome, agreed.outcome), 'escalate') as initial_outcome,
        nullif(
            case
                when later_rounds.undisputed_outcome is not null then later_rounds.undisputed_policy_code
                else agreed.policy_code
            end, '(none)'
        ) as initial_policy_code,
        -- A dispute may be settled by finding that nothing can be said any more.
        case
            when
                histories.outcome in ('no_violation', 'remove', 'restrict', 'age_restrict', 'label')
                then histories.outcome
            when histories.outcome is null then nullif(coalesce(later_rounds.outcome, agreed.outcome), 'escalate')
        end as final_outcome,
        nullif(
            case
                when histories.outcome is not null then histories.policy_code
                when later_rounds.outcome is not null then later_rounds.policy_code
                else agreed.policy_code
            end, '(none)'
        ) as final_policy_code,
        case
            when coalesce(histories.outcome, later_rounds.outcome, agreed.outcome) = 'escalate' then 'escalated'
            when
                histories.outcome not in ('no_violation', 'remove', 'restrict', 'age_restrict', 'label')
                then 'unauditable'
            when coalesce(histories.outcome, later_rounds.outcome) is not null then 'adjudicated'
            when agreed.usable_audits = 0 then 'unauditable'
            when agreed.outcome is null then 'unresolved'
            when agreed.blind_audits > 1 then 'agreed_pair'
            else 'single'
        end as verdict_basis,
        agreed.usable_audits,
        agreed.said_audits,
        coalesce(histories.later_severity, agreed.severity) as severity,
        agreed.inclusion_probability,
        try_cast(1 / agreed.inclusion_probability as decimal(18, 6)) as weight,
        histories.is_disputed,
        histories.is_dispute_settled,
        histories.is_dispute_accepted,
        histories.is_provisional,
        case when agreed.blind_audits > 1 then agreed.outcome is not null end as is_pair_agreed,
        case
            when histories.outcome in ('unauditable', '(unmapped)') then null
            when histories.outcome is not null then histories.outcome = 'escalate'
            when histories.is_escalated_later is not null then histories.is_escalated_later
            when agreed.is_escalated_by_all = agreed.is_escalated_by_any then agreed.is_escalated_by_all
        end as is_escalation_due,
        histories.decided_at,
        histories.first_audited_at,
        histories.dispute_raised_at,
        histories.dispute_resolved_at,
        histories.event_on
    from agreed
    inner join histories on agreed.decision_id = histories.decision_id
    left join later_rounds on agreed.decision_id = later_rounds.decision_id
)

select
    *,
    {{ batch() }} as _batch
from final
