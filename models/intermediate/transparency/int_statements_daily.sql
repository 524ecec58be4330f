{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- A statement may restrict in more than one way; it is counted once, and by each way.
select
    category,
    source_type,
    automated_detection = 'Yes' as is_detected_automatically,
    automated_decision,
    decision_ground,
    count(*) as statements,
    count(*) filter (where decision_visibility like '%DECISION%') as visibility_restrictions,
    count(*) filter (where decision_monetary is not null) as monetary_restrictions,
    count(*) filter (where decision_provision is not null) as service_restrictions,
    count(*) filter (where decision_account is not null) as account_restrictions,
    event_on,
    {{ batch() }} as _batch
from {{ ref('stg_transparency__statements_of_reasons') }}
where {{ in_affected_days(ref('affected_staging_days')) }}
group by category, source_type, automated_detection, automated_decision, decision_ground, event_on
