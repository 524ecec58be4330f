{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    group='people',
    access='private',
) }}

select
    auditor_key,
    auditor_type,
    count(*) as audits,
    count(*) filter (where audited_outcome = 'unauditable') as unauditable_audits,
    count(*) filter (where dispute_status is not null) as disputed_audits,
    count(*) filter (where dispute_status = 'accepted') as lost_disputes,
    event_on,
    {{ batch() }} as _batch
from {{ ref('int_audits') }}
where {{ in_touched_days(ref('touched_staging_days')) }}
group by auditor_key, auditor_type, event_on
