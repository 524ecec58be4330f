{{ config(materialized='table', group='people', access='private') }}

-- How often each auditor found an error in the same kind of decision, by first audits that were drawn: who audits
-- enforcement actions, or a policy that is hard, must find more. Not weighted, since auditors are compared and no
-- decisions are.
-- Of half a year, so that a run costs the same whatever the history.
with audits as (
    select
        people.auditor_key,
        verdicts.site_id,
        verdicts.vendor_id,
        verdicts.site_id || ' / ' || verdicts.queue_id || ' / ' || verdicts.suspected_policy_code
        || case when verdicts.is_decided_violative then ' / measure' else ' / no measure' end as cell,
        ({{ is_violative('audits.audited_outcome') }}) <> verdicts.is_decided_violative
            as is_error,
        verdicts.event_on
    from {{ ref('int_audits') }} as audits
    inner join {{ ref('int_audit_people') }} as people on audits.audit_id = people.audit_id
    inner join {{ ref('int_judged_decisions') }} as verdicts on audits.decision_id = verdicts.decision_id
    cross join {{ ref('int_as_of') }} as as_of
    where
        audits.audit_round = 1
        and audits.is_usable
        and audits.sample_design in ('random', 'stratified')
        and verdicts.is_production
        and verdicts.is_in_matrix
        and verdicts.event_on >= as_of.as_of_day - 182
),

worked as (
    select
        auditor_key,
        count(distinct event_on) as days
    from audits
    group by auditor_key
)

select
    audits.auditor_key,
    audits.site_id,
    audits.vendor_id,
    audits.cell,
    cast(count(*) as bigint) as audits,
    cast(count(*) filter (where audits.is_error) as bigint) as errors,
    worked.days
from audits
inner join worked on audits.auditor_key = worked.auditor_key
group by audits.auditor_key, audits.site_id, audits.vendor_id, audits.cell, worked.days
