{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- A task whose root has not arrived, or is no root itself, stands for itself and is not here. Some systems write a
-- task's own id for "no root".
with children as (
    select
        task_id,
        root_task_id,
        origin,
        close_reason,
        event_on,
        enqueued_at,
        closed_at
    from {{ ref('stg_moderation__tasks') }}
    where root_task_id <> task_id and {{ in_affected_days(ref('affected_task_days')) }}
),

roots as (
    select
        task_id,
        origin,
        suspected_policy_code,
        gold_outcome,
        content_duration_seconds,
        is_gold,
        content_created_at
    from (
        {{ staged_among('moderation', 'tasks', 'task_id in (select children.root_task_id from children)') }}
    ) as tasks
    where root_task_id is null or root_task_id = task_id
)

select
    children.task_id,
    children.root_task_id,
    children.origin,
    children.close_reason,
    roots.origin as root_origin,
    roots.suspected_policy_code as root_suspected_policy_code,
    roots.gold_outcome as root_gold_outcome,
    roots.content_duration_seconds as root_content_duration_seconds,
    roots.is_gold as is_root_gold,
    children.event_on,
    children.enqueued_at,
    children.closed_at,
    roots.content_created_at as root_content_created_at,
    {{ batch() }} as _batch
from children
inner join roots on children.root_task_id = roots.task_id
