{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- What went wrong in decisions that people made, after disputes, with the cause that the last auditor to name one saw.
with errors as (
    select * from {{ ref('int_judged_decisions') }}
    where
        final_cell in ('false_positive', 'false_negative')
        and is_production
        and {{ in_affected_days(ref('affected_verdict_days')) }}
),

causes as (
    select
        audits.decision_id,
        max_by(audits.root_cause_code, (audits.audit_round, audits.audited_at, audits.audit_id))
        filter (where audits.root_cause_code <> '(none)') as root_cause_code
    from {{ ref('int_audits') }} as audits
    semi join errors on audits.decision_id = errors.decision_id
    group by audits.decision_id
)

select
    errors.queue_id,
    errors.suspected_policy_code,
    errors.market,
    errors.language,
    errors.site_id,
    errors.vendor_id,
    errors.final_cell as error_kind,
    coalesce(causes.root_cause_code, '(none)') as root_cause_code,
    count(*) as errors,
    count(*) filter (where errors.sample_design <> 'targeted' and errors.weight is not null) as drawn_errors,
    cast(
        coalesce(sum(case when errors.sample_design <> 'targeted' then errors.weight end), 0) as decimal(28, 6)
    ) as error_weight,
    cast(coalesce(sum(errors.severity), 0) as bigint) as error_severity,
    errors.event_on,
    {{ batch() }} as _batch
from errors
left join causes on errors.decision_id = causes.decision_id
group by
    errors.queue_id, errors.suspected_policy_code, errors.market, errors.language, errors.site_id, errors.vendor_id,
    errors.final_cell, coalesce(causes.root_cause_code, '(none)'), errors.event_on
