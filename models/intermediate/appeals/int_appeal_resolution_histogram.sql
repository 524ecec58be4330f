{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

select
    queue_id,
    policy_code,
    market,
    language,
    automation_level,
    {{ histogram_bucket('resolution_seconds') }} as bucket,
    count(*) as row_count,
    event_on,
    {{ batch() }} as _batch
from {{ ref('int_appeals') }}
where
    resolution_seconds is not null
    and is_in_cohort
    and {{ in_affected_days(ref('affected_appeal_days')) }}
group by queue_id, policy_code, market, language, automation_level, bucket, event_on
