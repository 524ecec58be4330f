-- Over 120 lines: one fact: a root task, all that hangs under it, and who answers for it.
{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'sliced_by': 'moderation.tasks'},
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
    where {{ in_affected_days(ref('affected_task_days'), 'tasks.event_on') }}
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
        decisions.task_id,
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

-- The tasks of the few chains of several, each with the decision that settled it.
members as (
    select
        roots.task_id as root_task_id,
        roots.task_id,
        roots.close_reason,
        roots.enqueued_at,
        roots.closed_at
    from roots
    semi join chained on roots.task_id = chained.root_task_id
    union all
    select
        chained.root_task_id,
        chained.task_id,
        chained.close_reason,
        chained.enqueued_at,
        chained.closed_at
    from chained
    semi join chains on chained.task_id = chains.task_id
),

handled as (
    select
        decided.task_id,
        max(case when decided.is_terminal then decided.decided_at end) as decided_at
    from decided
    semi join members on decided.task_id = members.task_id
    group by decided.task_id
),

-- A skip or an escalation hands the work on, where a later task takes it up; so does a requeue in a system that closes
-- no task.
settled as (
    select
        members.*,
        handled.decided_at,
        lead(members.task_id) over in_order is not null
        and (handled.task_id is not null or max(members.closed_at) over of_root is null) as is_handed_on
    from members
    left join handled on members.task_id = handled.task_id
    window
        of_root as (partition by members.root_task_id),
        in_order as (partition by members.root_task_id order by members.enqueued_at, members.task_id)
),

-- Whoever waits under a root holds it open.
ends as (
    select
        root_task_id,
        is_waiting,
        undecided_closed_at,
        case when not is_waiting then closed_at end as closed_at,
        case when not is_waiting then close_reason end as close_reason
    from (
        select
            root_task_id,
            bool_or(decided_at is null and closed_at is null and not is_handed_on) as is_waiting,
            max(case when decided_at is null and not is_handed_on then closed_at end) as undecided_closed_at,
            max(closed_at) as closed_at,
            max_by(close_reason, (closed_at, task_id)) filter (where closed_at is not null) as close_reason
        from settled
        group by root_task_id
    ) as closings
),

decisions as (
    select
        touches.root_task_id,
        touches.touches,
        touches.skips,
        touches.escalations,
        case when touches.is_terminal then touches.decision_id end as decision_id,
        case when touches.is_terminal then touches.outcome end as outcome,
        case when touches.is_terminal then touches.moderator_id end as moderator_id,
        case when touches.is_terminal then touches.automation_level end as automation_level,
        case when touches.is_terminal then touches.decided_at end as decided_at,
        case when touches.is_terminal then touches.event_on end as event_on
    from (
        select
            touches.* exclude (is_terminal),
            touches.is_terminal and not coalesce(ends.is_waiting, false) as is_terminal
        from touches
        left join ends on touches.root_task_id = ends.root_task_id
    ) as touches
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
        case when ends.root_task_id is null then roots.close_reason else ends.close_reason end as close_reason,
        decisions.outcome as terminal_outcome,
        {{ place_of_decision('site_id') }},
        {{ place_of_decision('vendor_id') }},
        {%- for name in ['site_id', 'vendor_id'] %}
        -- Until claims land nobody knows who would have had to decide, and no site and no vendor is held to it.
        case
            when not coalesce(roots.event_on >= calendar.first_claim_day, false) then '(unmapped)'
            when decisions.decision_id is not null then {{ place_of_decision(name, alias=none) }}
            when claims.root_task_id is null then '(unclaimed)'
            else coalesce(claimer.{{ name }}, '(unmapped)')
        end as answerable_{{ name }},
        {%- endfor %}
        -- Who answers for it: who decided it last, or else took it up last.
        coalesce({{ person_bit('decisions.moderator_id') }}, {{ person_bit('claims.last_moderator_id') }}, 0)
            as people_bits,
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
        case when ends.root_task_id is null then roots.closed_at else ends.closed_at end as closed_at,
        decisions.decided_at,
        claims.first_claimed_at,
        claims.last_claimed_at,
        claims.first_claimed_on,
        claims.last_claimed_on,
        coalesce(roots.event_on >= calendar.first_claim_day, false) as has_known_claims,
        case
            when ends.root_task_id is null then coalesce(decisions.decided_at, roots.closed_at)
            -- greatest() passes over a null.
            when not ends.is_waiting then greatest(decisions.decided_at, ends.undecided_closed_at)
        end as ended_at,
        coalesce(ends.is_waiting, roots.closed_at is null and decisions.decided_at is null) as is_open,
        roots.event_on,
        decisions.event_on as decided_on
    from roots
    left join ends on roots.task_id = ends.root_task_id
    left join decisions on roots.task_id = decisions.root_task_id
    left join {{ ref('int_task_claims') }} as claims on roots.task_id = claims.root_task_id
    cross join {{ ref('int_calendar') }} as calendar
    left join queues on roots.queue_id = queues.queue_id
    left join policies on roots.suspected_policy_code = policies.policy_code
    left join markets on roots.market = markets.market
    left join languages on roots.language = languages.language
    {{ as_of_join('queue_versions', 'in_force', 'roots.queue_id = in_force.queue_id', 'roots.event_on') }}
    {{ schedule_join('begins', 'in_force.schedule_id', 'roots.enqueued_at') }}
    {{ schedule_end_join('ends', 'in_force.schedule_id', 'begins', 'roots.enqueued_at', 'in_force.sla_seconds') }}
    {{ as_of_join('roster', 'placed', 'decisions.moderator_id = placed.moderator_id', 'decisions.event_on') }}
    {{ as_of_join('roster', 'claimer', 'claims.last_moderator_id = claimer.moderator_id', 'claims.last_claimed_on') }}
),

final as (
    select
        *,
        cast({{ seconds_between('enqueued_at', 'decided_at') }} as decimal(18, 3)) as turnaround_seconds,
        cast({{ seconds_between('enqueued_at', 'first_claimed_at') }} as decimal(18, 3)) as first_claim_wait_seconds,
        cast({{ seconds_between('enqueued_at', 'last_claimed_at') }} as decimal(18, 3)) as last_claim_wait_seconds,
        not is_gold and origin not in ('audit', 'appeal') and not is_automated as is_production,
        coalesce(
            close_reason in ('deleted', 'merged') and decided_at is null and closed_at <= due_at, false
        ) as is_withdrawn,
        coalesce(decided_at <= due_at, false) as is_sla_attained,
        coalesce(first_claimed_at <= due_at, false) as is_first_claim_in_time,
        coalesce(last_claimed_at <= due_at, false) as is_last_claim_in_time,
        {{ reporting_day('due_at') }} as due_on,
        {{ batch() }} as _batch
    from joined
)

select * from final
