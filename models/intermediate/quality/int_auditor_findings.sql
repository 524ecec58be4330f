{{ config(materialized='table', group='people', access='private') }}

-- How often each auditor found an error in the same kind of decision, by first audits that were drawn. Of half a year,
-- so that a run costs the same whatever the history.
with audits as (
    select
        audits.auditor_key,
        verdicts.site_id,
        verdicts.vendor_id,
        verdicts.site_id || ' / ' || verdicts.queue_id as cell,
        ({{ is_violative('audits.audited_outcome') }}) <> verdicts.is_decided_violative
            as is_error,
        verdicts.event_on
    from {{ ref('int_audits') }} as audits
    inner join {{ ref('int_judged_decisions') }} as verdicts on audits.decision_id = verdicts.decision_id
    cross join {{ ref('int_as_of') }} as as_of
    where
        audits.audit_round = 1
        and audits.is_usable
        and audits.sample_design in ('random', 'stratified')
        and verdicts.is_production
        and verdicts.is_in_matrix
        and verdicts.event_on >= as_of.as_of_day - 182
)

select
    auditor_key,
    site_id,
    vendor_id,
    cell,
    cast(count(*) as bigint) as audits,
    cast(count(*) filter (where is_error) as bigint) as errors,
    count(distinct event_on) as days
from audits
where auditor_key is not null
group by auditor_key, site_id, vendor_id, cell
