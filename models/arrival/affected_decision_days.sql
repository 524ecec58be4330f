{{ config(materialized='incremental', incremental_strategy='append') }}

-- The first run reads less, but dbt draws its graph from that one:
-- depends_on: {{ ref('base_moderation__decisions') }}
-- depends_on: {{ ref('base_moderation__tasks') }}
-- depends_on: {{ landed_base('workforce', 'moderators') }}
-- depends_on: {{ landed_log('workforce', 'activity') }}
-- depends_on: {{ landed_log('moderation', 'task_claims') }}
-- depends_on: {{ ref('log_references') }}

{%- set through = built_through() %}

with own_rows as (
    select
        event_on,
        'decisions' as cause
    from {{ ref('log_moderation__decisions') }}
    where _batch > {{ through }} and status <> 'quarantined'
),

{% if is_incremental() %}
-- A task that arrived or changed after its decision changes the queue, origin and order of that decision; a root those of
-- what continues it, too.
arrived_tasks as (
    select task_id from {{ ref('base_moderation__tasks') }} where _batch > {{ through }}
),

changed_tasks as (
    select event_on, 'tasks' as cause
    from {{ ref('base_moderation__decisions') }}
    where
        task_id in (
            select task_id from arrived_tasks
            union
            select task_id from {{ ref('base_moderation__tasks') }}
            where root_task_id in (select task_id from arrived_tasks)
        )
),

moved_moderators as (
    select event_on, 'roster' as cause
    from ({{ moved_moderators(through) }}) as moved
),

changed_references as (
    {{ changed_reference_days(ref('log_moderation__decisions'), through) }}
),
{% endif %}

affected as (
    select * from own_rows
    {% if is_incremental() %}
    union all
    select * from changed_tasks
    union all
    select * from moved_moderators
    union all
    select * from changed_references
    {% endif %}
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from affected
where event_on is not null
