{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    group='people',
    access='private',
) }}

with audits as (
    select * from {{ ref('int_audits') }}
    where {{ in_affected_days(ref('affected_staging_days')) }}
),

people as (
    select * from {{ ref('int_audit_people') }}
    where {{ in_affected_days(ref('affected_staging_days')) }}
)

select
    people.auditor_key,
    audits.auditor_type,
    count(*) as audits,
    count(*) filter (where audits.audited_outcome = 'unauditable') as unauditable_audits,
    count(*) filter (where audits.dispute_status is not null) as disputed_audits,
    count(*) filter (where audits.dispute_status = 'accepted') as lost_disputes,
    audits.event_on,
    {{ batch() }} as _batch
from audits
inner join people on audits.audit_id = people.audit_id
group by people.auditor_key, audits.auditor_type, audits.event_on
