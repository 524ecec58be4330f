{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    group='people',
    access='private',
    meta={'sliced_by': 'moderation.tasks'},
) }}

-- depends_on: {{ ref('log_moderation__tasks') }}

-- What each person took up, and what they gave back for another to decide, by the day on which the root task came in.
with roots as (
    select * from {{ ref('int_tasks') }}
    where is_production and {{ in_affected_days(ref('affected_task_days')) }}
),

chains as (
    select
        task_id,
        root_task_id
    from {{ ref('int_task_chains') }}
    where origin not in ('audit', 'appeal')
),

-- Once per person and root task, however often they took it up.
held as (
    select
        roots.task_id,
        claims.moderator_id,
        bool_or(claims.event = 'claimed') as is_claimed,
        bool_or(claims.event in ('released', 'skipped', 'expired')) as is_returned
    from {{ ref('stg_moderation__task_claims') }} as claims
    left join chains on claims.task_id = chains.task_id
    inner join roots on coalesce(chains.root_task_id, claims.task_id) = roots.task_id
    where claims.moderator_id is not null and claims.event <> 'assigned'
    group by roots.task_id, claims.moderator_id
),

-- How long it took whoever decided it in the end.
decided as (
    select
        held.task_id,
        held.moderator_id,
        decisions.handle_seconds
    from held
    inner join roots on held.task_id = roots.task_id
    inner join {{ ref('int_keyed_decisions') }} as decisions on roots.terminal_decision_id = decisions.decision_id
    inner join {{ ref('int_people') }} as people on held.moderator_id = people.person_id
    where held.is_returned and decisions.moderator_key <> people.person_key and decisions.handle_seconds is not null
)

select
    people.person_key as moderator_key,
    roots.queue_id,
    roots.language,
    count(*) as tasks_held,
    count(*) filter (where held.is_returned) as tasks_returned,
    count(decided.handle_seconds) as returned_decided,
    cast(coalesce(sum(decided.handle_seconds), 0) as decimal(28, 3)) as returned_handle_seconds,
    roots.event_on,
    {{ batch() }} as _batch
from held
inner join roots on held.task_id = roots.task_id
inner join {{ ref('int_people') }} as people on held.moderator_id = people.person_id
left join decided on held.task_id = decided.task_id and held.moderator_id = decided.moderator_id
group by people.person_key, roots.queue_id, roots.language, roots.event_on
