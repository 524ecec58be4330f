{{ config(group='people', access='private') }}

select
    audit_id,
    auditor_key,
    event_on as audited_on
from {{ ref('int_audit_people') }}
