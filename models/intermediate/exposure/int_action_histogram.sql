{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

select
    policy_code,
    market,
    {{ histogram_bucket(seconds_between('content_created_at', 'removed_at')) }} as bucket,
    count(*) as row_count,
    event_on,
    {{ batch() }} as _batch
from {{ ref('int_content_removals') }}
where content_created_at is not null and {{ in_affected_days(ref('affected_exposure_days')) }}
group by policy_code, market, bucket, event_on
