{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- Root tasks of production that wait, or expired undecided: few, so that whoever asks how long they have waited need
-- not read all tasks.
select
    task_id,
    queue_id,
    not is_open as is_expired,
    event_on,
    enqueued_at,
    ended_at,
    {{ batch() }} as _batch
from {{ ref('int_tasks') }}
where
    is_production
    and (is_open or decided_at is null and close_reason = 'expired')
    and {{ in_affected_days(ref('affected_task_days')) }}
