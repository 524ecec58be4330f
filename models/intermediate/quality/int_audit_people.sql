{{ config(group='people', access='private') }}

select
    audits.audit_id,
    people.person_key as auditor_key,
    audits.event_on
from {{ ref('stg_quality__audits') }} as audits
left join {{ ref('int_people') }} as people on audits.auditor_id = people.person_id
