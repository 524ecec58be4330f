{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- Root tasks by the day they came in and the day they left, by a terminal decision or otherwise; null while anything
-- under them waits.
with tasks as (
    select
        *,
        {{ reporting_day('ended_at') }} as ended_on,
        decided_at is not null as is_decided,
        decided_at is null and coalesce(close_reason = 'expired', false) as is_expired
    from {{ ref('int_tasks') }}
    where is_production and {{ in_affected_days(ref('affected_task_days')) }}
)

select
    queue_id,
    market,
    language,
    is_decided,
    is_expired,
    count(*) as tasks,
    event_on,
    ended_on,
    {{ batch() }} as _batch
from tasks
group by queue_id, market, language, is_decided, is_expired, event_on, ended_on
