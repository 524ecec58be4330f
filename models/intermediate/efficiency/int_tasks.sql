{{ config(materialized='incremental', incremental_strategy='touched_days') }}

-- One row per root: the chain of requeues and escalations under it is followed to its terminal decision.
with tasks as (
    -- Some systems write a task's own id for "no root".
    select
        *,
        nullif(root_task_id, task_id) as parent_task_id
    from {{ ref('stg_moderation__tasks') }}
),

-- A task whose root has not arrived, or is no root itself, stands for itself.
orphans as (
    select children.task_id
    from tasks as children
    anti join tasks as parents on children.parent_task_id = parents.task_id and parents.parent_task_id is null
    where children.parent_task_id is not null
),

roots as (
    select *
    from tasks
    where
        (parent_task_id is null or task_id in (select orphans.task_id from orphans))
        and {{ in_touched_days(ref('touched_task_days')) }}
),

-- Work that audits or answers an appeal does not decide what the root asked.
decided as (
    select
        coalesce(orphans.task_id, decisions.root_task_id) as root_task_id,
        decisions.outcome,
        {{ struct_of([
            'decisions.decided_at', 'decisions.decision_id', 'decisions.outcome', 'decisions.site_id',
            'decisions.vendor_id', 'decisions.is_automated', 'decisions.event_on',
        ]) }} as decision
    from {{ ref('int_decisions') }} as decisions
    left join orphans on decisions.task_id = orphans.task_id
    where
        decisions.root_task_id is not null
        and (
            decisions.origin not in ('audit', 'appeal')
            or decisions.root_task_id = decisions.task_id
            or orphans.task_id is not null
        )
    {%- if is_incremental() %}
        and coalesce(orphans.task_id, decisions.root_task_id) in (select roots.task_id from roots)
        {%- endif %}
),

-- A struct is compared field by field, so the greatest is the last decision; ties go to the greater id.
touches as (
    select
        root_task_id,
        count(*) as touches,
        count(*) filter (where outcome = 'skip') as skips,
        count(*) filter (where outcome = 'escalate') as escalations,
        max(decision) filter (where outcome not in ('skip', 'escalate', '(unmapped)')) as terminal
    from decided
    group by root_task_id
),

queue_versions as (
    select * from {{ ref('int_queue_versions') }}
),

queues as (
    select distinct queue_id from queue_versions
),

markets as (
    select market from {{ ref('markets') }}
),

languages as (
    select language from {{ ref('languages') }}
),

joined as (
    select
        roots.task_id,
        roots.content_id,
        touches.terminal.decision_id as terminal_decision_id,
        coalesce(queues.queue_id, '(unmapped)') as queue_id,
        coalesce(markets.market, '(unmapped)') as market,
        coalesce(languages.language, '(unmapped)') as language,
        coalesce(roots.content_type, '(unmapped)') as content_type,
        roots.suspected_policy_code,
        roots.origin,
        roots.close_reason,
        touches.terminal.outcome as terminal_outcome,
        coalesce(touches.terminal.site_id, '(unmapped)') as site_id,
        coalesce(touches.terminal.vendor_id, '(unmapped)') as vendor_id,
        coalesce(touches.touches, 0) as touches,
        coalesce(touches.skips, 0) as skips,
        coalesce(touches.escalations, 0) as escalations,
        roots.is_gold,
        coalesce(touches.terminal.is_automated, false) as is_automated,
        roots.enqueued_at,
        coalesce(roots.due_at, {{ plus_seconds('roots.enqueued_at', 'in_force.sla_seconds') }}) as due_at,
        roots.closed_at,
        touches.terminal.decided_at,
        roots.event_on,
        touches.terminal.event_on as decided_on
    from roots
    left join touches on roots.task_id = touches.root_task_id
    left join queues on roots.queue_id = queues.queue_id
    left join markets on roots.market = markets.market
    left join languages on roots.language = languages.language
    {{ as_of_join('queue_versions', 'in_force', 'roots.queue_id = in_force.queue_id', 'roots.event_on') }}
),

final as (
    select
        *,
        cast({{ seconds_between('enqueued_at', 'decided_at') }} as decimal(18, 3)) as turnaround_seconds,
        not is_gold and origin not in ('audit', 'appeal') and not is_automated as is_production,
        decided_at is null and closed_at is null as is_open,
        coalesce(
            close_reason in ('deleted', 'merged') and decided_at is null and closed_at <= due_at, false
        ) as is_withdrawn,
        coalesce(decided_at <= due_at, false) as is_sla_attained,
        {{ reporting_day('due_at') }} as due_on,
        {{ batch() }} as _batch
    from joined
)

select * from final
