{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'sliced_by': 'moderation.decisions', 'slice_factor': 4},
) }}

-- Decisions beside the verdict on them: the four cells of the confusion matrix, before and after disputes.
-- depends_on: {{ ref('log_moderation__decisions') }}
{%- set affected = in_affected_days(ref('affected_verdict_days')) %}

with verdicts as (
    select * from {{ ref('int_verdicts') }}
    where {{ affected }}
),

-- Picked before anything is joined to them: they are few.
judged_decisions as (
    {{ staged_among(
        'moderation', 'decisions',
        'decision_id in (select verdicts.decision_id from verdicts) and ' ~ affected,
        also_exclude=ref('impossible_moderation__decisions')
    ) }}
),

decisions as (
    {{ decisions_in_context('judged_decisions', keyed=true) }}
),

policies as (
    select distinct policy_code from {{ ref('int_policy_versions') }}
),

judged as (
    select
        decisions.decision_id,
        decisions.moderator_key,
        decisions.queue_id,
        decisions.policy_code as decided_policy_code,
        decisions.suspected_policy_code,
        case
            when
                not {{ is_violative("coalesce(verdicts.final_outcome, '')") }}
                or verdicts.final_policy_code is null
                then '(none)'
            else coalesce(policies.policy_code, '(unmapped)')
        end as true_policy_code,
        decisions.market,
        decisions.language,
        decisions.content_type,
        decisions.site_id,
        decisions.vendor_id,
        decisions.automation_level,
        decisions.model_version,
        verdicts.sample_design,
        verdicts.verdict_basis,
        decisions.outcome,
        verdicts.initial_outcome,
        verdicts.final_outcome,
        verdicts.severity,
        verdicts.weight,
        decisions.model_score,
        verdicts.is_disputed,
        verdicts.is_dispute_settled,
        verdicts.is_dispute_accepted,
        verdicts.is_provisional,
        verdicts.is_pair_agreed,
        verdicts.is_escalation_due,
        decisions.is_production,
        {{ is_violative('decisions.outcome') }} as is_decided_violative,
        -- Of planted items with a known answer, which tell how well auditors see.
        case
            when decisions.is_gold and decisions.gold_outcome <> '(unmapped)'
                then {{ is_violative('decisions.gold_outcome') }}
        end as is_gold_violative,
        decisions.outcome in ('no_violation', 'remove', 'restrict', 'age_restrict', 'label') as is_in_matrix,
        {{ is_violative('verdicts.initial_outcome') }} as is_violative_initially,
        {{ is_violative('verdicts.final_outcome') }} as is_violative_finally,
        -- Codes as they were given, known or not; null where the verdict names none.
        verdicts.initial_policy_code = coalesce(decisions.named_policy_code, '(none)') as is_initial_policy_same,
        verdicts.final_policy_code = coalesce(decisions.named_policy_code, '(none)') as is_final_policy_same,
        decisions.decided_at,
        decisions.event_on
    from decisions
    inner join verdicts on decisions.decision_id = verdicts.decision_id
    left join policies on verdicts.final_policy_code = policies.policy_code
),

final as (
    select
        *,
        case
            when not is_in_matrix or is_violative_initially is null then null
            when is_decided_violative and is_violative_initially then 'true_positive'
            when is_decided_violative then 'false_positive'
            when is_violative_initially then 'false_negative'
            else 'true_negative'
        end as initial_cell,
        case
            when not is_in_matrix or is_violative_finally is null then null
            when is_decided_violative and is_violative_finally then 'true_positive'
            when is_decided_violative then 'false_positive'
            when is_violative_finally then 'false_negative'
            else 'true_negative'
        end as final_cell
    from judged
)

select
    *,
    {{ batch() }} as _batch
from final
