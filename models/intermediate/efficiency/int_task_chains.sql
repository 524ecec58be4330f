{{ config(materialized='incremental', incremental_strategy='touched_days') }}

-- A task whose root has not arrived, or is no root itself, stands for itself and is not here. Some systems write a
-- task's own id for "no root".
with children as (
    select
        task_id,
        root_task_id,
        origin,
        event_on
    from {{ ref('stg_moderation__tasks') }}
    where root_task_id <> task_id and {{ in_touched_days(ref('touched_task_days')) }}
),

roots as (
    select task_id
    from (
        {{ staged_among('moderation', 'tasks', 'task_id in (select children.root_task_id from children)') }}
    ) as tasks
    where root_task_id is null or root_task_id = task_id
)

select
    children.task_id,
    children.root_task_id,
    children.origin,
    children.event_on,
    {{ batch() }} as _batch
from children
semi join roots on children.root_task_id = roots.task_id
