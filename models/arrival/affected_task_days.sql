-- Over 120 lines: every way in which an arrival changes a task.
{{ config(materialized='incremental', incremental_strategy='append') }}

-- The first run reads less, but dbt draws its graph from that one:
-- depends_on: {{ ref('base_moderation__tasks') }}
-- depends_on: {{ ref('base_moderation__decisions') }}
-- depends_on: {{ landed_base('moderation', 'task_claims') }}
-- depends_on: {{ landed_log('moderation', 'task_claims') }}
-- depends_on: {{ landed_base('support', 'schedule') }}
-- depends_on: {{ landed_base('support', 'schedule_holiday') }}
-- depends_on: {{ landed_base('workforce', 'moderators') }}
-- depends_on: {{ ref('log_moderation__decisions') }}
-- depends_on: {{ landed_log('workforce', 'activity') }}
-- depends_on: {{ ref('log_references') }}
-- depends_on: {{ ref('queues') }}

{%- set through = built_through() %}
{%- set arrived = any_arrived([
    ref('base_moderation__tasks'), ref('log_moderation__tasks'), ref('base_moderation__decisions'),
    ref('log_moderation__decisions'), landed_base('workforce', 'moderators'), landed_base('moderation', 'task_claims'),
], through) %}
{%- set stored_tasks = former('int_tasks') %}
{%- set hours_arrived = stored_tasks and any_arrived([
    landed_base('support', 'schedule'), landed_base('support', 'schedule_holiday'),
], through) %}

with
{% if is_incremental() and arrived %}
moved_moderators as (
    {{ moved_moderators(through) }}
),

-- Tasks that arrived, or whose decision arrived, changed or is now at another site.
changed_tasks as (
    select task_id from {{ ref('base_moderation__tasks') }} where _batch > {{ through }}
    union
    select root_task_id from {{ ref('log_moderation__tasks') }} where _batch > {{ through }}
    union
    select task_id from {{ ref('base_moderation__decisions') }} where _batch > {{ through }}
    union
    select task_id from {{ ref('log_moderation__decisions') }} where _batch > {{ through }}
    union
    select decisions.task_id
    from {{ ref('base_moderation__decisions') }} as decisions
    inner join moved_moderators as moved
        on decisions.moderator_id = moved.moderator_id and decisions.event_on = moved.event_on
    union
    select task_id from {{ landed_base('moderation', 'task_claims') }} where _batch > {{ through }}
    union
    select claims.task_id
    from {{ landed_base('moderation', 'task_claims') }} as claims
    inner join moved_moderators as moved
        on claims.moderator_id = moved.moderator_id and claims.event_on = moved.event_on
),

-- A chain is one root and the tasks that name it; what changes one changes the chain.
changed_roots as (
    select task_id as root_task_id from changed_tasks
    union
    select root_task_id
    from {{ ref('base_moderation__tasks') }}
    where root_task_id is not null and task_id in (select task_id from changed_tasks)
),

{% endif %}
{% if is_incremental() %}
affected as (
    {%- if arrived %}
    select
        event_on,
        'tasks' as cause
    from {{ ref('base_moderation__tasks') }}
    where
        _problems is null
        and (
            task_id in (select root_task_id from changed_roots)
            or root_task_id in (select root_task_id from changed_roots)
        )
    union all
    {%- endif %}
    -- From the first day of claims on, sites answer for tasks: an earlier one holds them to more days.
    select
        tasks.event_on,
        'claims' as cause
    from {{ ref('log_moderation__tasks') }} as tasks
    cross join (
        select
            min(event_on) as begins_on,
            coalesce(min(case when _batch <= {{ through }} then event_on end), date '9999-12-31') as began_on
        from {{ landed_log('moderation', 'task_claims') }}
        where status <> 'quarantined'
    ) as claims
    where tasks.event_on >= claims.begins_on and tasks.event_on < claims.began_on
    union all
    {%- if hours_arrived %}
    -- Tasks that were not yet due while the schedule of their queue opened otherwise.
    select
        tasks.event_on,
        'schedules' as cause
    from {{ stored_tasks }} as tasks
    inner join ({{ changed_hours(through) }}) as changed
        on
            tasks.enqueued_at < changed.to_at
            and coalesce(tasks.due_at, changed.from_at) >= changed.from_at
    inner join {{ ref('queues') }} as queues
        on tasks.queue_id = queues.queue_id and changed.schedule_id = queues.schedule_id
    union all
    {%- endif %}
    {{ changed_reference_days(ref('log_moderation__tasks'), through, without=['root_causes', 'wellness_limits']) }}
)
{% else %}
affected as (
    select
        event_on,
        'tasks' as cause
    from {{ ref('log_moderation__tasks') }}
    where status <> 'quarantined'
)
{% endif %}

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from affected
where event_on is not null
