with audits as (
    select * from {{ ref('stg_quality__audits') }}
),

people as (
    select
        person_id,
        person_key
    from {{ ref('int_people') }}
)

select
    audits.audit_id,
    audits.decision_id,
    audits.frame_id,
    audits.stratum,
    people.person_key as auditor_key,
    audits.auditor_type,
    audits.sample_design,
    audits.review_mode,
    audits.audited_outcome,
    audits.audited_policy_code,
    audits.error_class,
    coalesce(audits.root_cause_code, '(none)') as root_cause_code,
    audits.dispute_status,
    audits.final_outcome,
    audits.final_policy_code,
    audits.audit_round,
    audits.severity,
    audits.inclusion_probability,
    audits.audited_outcome not in ('unauditable', 'skip', 'escalate', '(unmapped)') as is_usable,
    coalesce(audits.root_cause_code = '(unmapped)', false) as has_unmapped_root_cause,
    audits.audited_at,
    audits.dispute_raised_at,
    audits.dispute_resolved_at,
    audits.event_on
from audits
left join people on audits.auditor_id = people.person_id
