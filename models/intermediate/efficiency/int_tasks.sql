{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    meta={'sliced_by': 'log_moderation__tasks'},
) }}

-- depends_on: {{ ref('log_moderation__tasks') }}

-- One row per root: the chain of requeues and escalations under it is followed to its terminal decision.
with chained as (
    select * from {{ ref('int_task_chains') }}
),

roots as (
    select tasks.*
    from {{ ref('stg_moderation__tasks') }} as tasks
    anti join chained on tasks.task_id = chained.task_id
    where {{ in_touched_days(ref('touched_task_days'), 'tasks.event_on') }}
),

-- Work that audits or answers an appeal does not decide what the root asked.
chains as (
    select
        task_id,
        task_id as root_task_id
    from roots
    union all
    select
        chained.task_id,
        chained.root_task_id
    from chained
    semi join roots on chained.root_task_id = roots.task_id
    where chained.origin not in ('audit', 'appeal')
),

decided as (
    select
        chains.root_task_id,
        decisions.decision_id,
        decisions.outcome,
        decisions.moderator_id,
        decisions.automation_level,
        decisions.decided_at,
        decisions.event_on,
        decisions.outcome not in ('skip', 'escalate', '(unmapped)') as is_terminal
    from {{ ref('stg_moderation__decisions') }} as decisions
    inner join chains on decisions.task_id = chains.task_id
),

-- Most roots have one decision, which needs no sorting. Hashes are small and only divide the work: a root that shares
-- its hash with another is counted in `several`, rightly.
repeated as (
    select {{ hash64(['root_task_id']) }} as root_hash
    from decided
    group by root_hash
    having count(*) > 1
),

single as (
    select
        decided.*,
        cast(1 as bigint) as touches,
        cast(case when decided.outcome = 'skip' then 1 else 0 end as bigint) as skips,
        cast(case when decided.outcome = 'escalate' then 1 else 0 end as bigint) as escalations
    from decided
    anti join repeated on {{ hash64(['decided.root_task_id']) }} = repeated.root_hash
),

-- The last decision that is neither skip nor escalate stands first; ties go to the greater id.
several as (
    select
        decided.*,
        count(*) over (partition by decided.root_task_id) as touches,
        count(*) filter (where decided.outcome = 'skip') over (partition by decided.root_task_id) as skips,
        count(*) filter (where decided.outcome = 'escalate') over (partition by decided.root_task_id) as escalations,
        row_number() over (
            partition by decided.root_task_id
            order by decided.is_terminal desc, decided.decided_at desc, decided.decision_id desc
        ) as place
    from decided
    semi join repeated on {{ hash64(['decided.root_task_id']) }} = repeated.root_hash
),

touches as (
    select * from single
    union all
    select * exclude (place) from several
    where place = 1
),

decisions as (
    select
        root_task_id,
        touches,
        skips,
        escalations,
        case when is_terminal then decision_id end as decision_id,
        case when is_terminal then outcome end as outcome,
        case when is_terminal then moderator_id end as moderator_id,
        case when is_terminal then automation_level end as automation_level,
        case when is_terminal then decided_at end as decided_at,
        case when is_terminal then event_on end as event_on
    from touches
),

roster as (
    select * from {{ ref('int_roster') }}
),

queue_versions as (
    select * from {{ ref('int_queue_versions') }}
),

queues as (
    select distinct queue_id from queue_versions
),

policies as (
    select distinct policy_code from {{ ref('int_policy_versions') }}
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
        decisions.decision_id as terminal_decision_id,
        coalesce(queues.queue_id, '(unmapped)') as queue_id,
        coalesce(markets.market, '(unmapped)') as market,
        coalesce(languages.language, '(unmapped)') as language,
        coalesce(roots.content_type, '(unmapped)') as content_type,
        {{ known_policy('roots.suspected_policy_code', 'policies') }} as suspected_policy_code,
        roots.origin,
        roots.close_reason,
        decisions.outcome as terminal_outcome,
        {{ place_of_decision('site_id') }},
        {{ place_of_decision('vendor_id') }},
        coalesce(decisions.touches, 0) as touches,
        coalesce(decisions.skips, 0) as skips,
        coalesce(decisions.escalations, 0) as escalations,
        roots.is_gold,
        coalesce(decisions.automation_level = 'full', false) as is_automated,
        roots.enqueued_at,
        coalesce(
            roots.due_at,
            {{ business_end('in_force.schedule_id', 'ends', 'begins', 'roots.enqueued_at', 'in_force.sla_seconds') }}
        ) as due_at,
        roots.closed_at,
        decisions.decided_at,
        roots.event_on,
        decisions.event_on as decided_on
    from roots
    left join decisions on roots.task_id = decisions.root_task_id
    left join queues on roots.queue_id = queues.queue_id
    left join policies on roots.suspected_policy_code = policies.policy_code
    left join markets on roots.market = markets.market
    left join languages on roots.language = languages.language
    {{ as_of_join('queue_versions', 'in_force', 'roots.queue_id = in_force.queue_id', 'roots.event_on') }}
    {{ schedule_join('begins', 'in_force.schedule_id', 'roots.enqueued_at') }}
    {{ schedule_end_join('ends', 'in_force.schedule_id', 'begins', 'roots.enqueued_at', 'in_force.sla_seconds') }}
    {{ as_of_join('roster', 'placed', 'decisions.moderator_id = placed.moderator_id', 'decisions.event_on') }}
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
