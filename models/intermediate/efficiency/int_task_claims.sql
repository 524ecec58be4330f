{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'sliced_by': 'moderation.tasks'},
) }}

-- depends_on: {{ ref('log_moderation__tasks') }}

-- Who took up a root task, or a requeue or an escalation under it: first and last. Kept under the day of the root.
with chained as (
    select * from {{ ref('int_task_chains') }}
),

roots as (
    select
        tasks.task_id,
        tasks.event_on
    from {{ ref('stg_moderation__tasks') }} as tasks
    anti join chained on tasks.task_id = chained.task_id
    where {{ in_affected_days(ref('affected_task_days'), 'tasks.event_on') }}
),

chains as (
    select
        task_id,
        task_id as root_task_id,
        event_on
    from roots
    union all
    select
        chained.task_id,
        chained.root_task_id,
        roots.event_on
    from chained
    inner join roots on chained.root_task_id = roots.task_id
    where chained.origin not in ('audit', 'appeal')
),

claims as (
    select
        chains.root_task_id,
        claims.task_id,
        claims.moderator_id,
        chains.event_on,
        claims.happened_at,
        claims.event_on as claimed_on
    from {{ ref('stg_moderation__task_claims') }} as claims
    inner join chains on claims.task_id = chains.task_id
    where claims.event = 'claimed'
)

select
    root_task_id,
    {{ value_at_max('moderator_id', "(happened_at, coalesce(moderator_id, ''), task_id)") }} as last_moderator_id,
    count(*) as claims,
    event_on,
    min(claimed_on) as first_claimed_on,
    max(claimed_on) as last_claimed_on,
    min(happened_at) as first_claimed_at,
    max(happened_at) as last_claimed_at,
    {{ batch() }} as _batch
from claims
group by root_task_id, event_on
