"""What becomes of tasks and decisions on their way to the landing zone: late, twice, corrected, with an unknown code.

Rows wait in `pending_*` until the day on which they land.
"""

import duckdb

# Which rows land late, twice, corrected or with a code nobody knows: disjoint ranges of one draw in thousandths.
DUPLICATE, CORRECTED, LATE, UNMAPPED = (0, 3), (3, 8), (8, 18), (18, 20)


def _between(draw: str, bounds: tuple[int, int]) -> str:
    return f"({draw} >= {bounds[0]} and {draw} < {bounds[1]})"


# A correction mends the handling time; every tenth moves the decision to the next day, too.
MOVED = f"{_between('fate', CORRECTED)} and hash('D' || substr(step_task_id, 2)) % 10 = 0"


def pend(connection: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Add the tasks and decisions of `steps` and `automated` to what is pending, as they land and land again."""
    connection.execute(_PEND_TASKS)
    connection.execute(_PEND_CLAIMS, {"seed": seed})
    connection.execute(_PEND_DECISIONS, {"seed": seed})


# A task lands as it stands at the end of the day it is queued on, and once more when it leaves the queue later.
_PEND_TASKS = """
insert into pending_tasks by name
with states as (
    select
        step_task_id as task_id, root_task_id, content_id, content_type,
        case when content_type = 'video' then cast(8 + fate % 170 as decimal(18, 3)) end as content_duration_seconds,
        enqueued_at - interval 1 hour * (1 + fate % 40) as content_created_at,
        'ACC' || cast(hash(content_id) % 1000000 as varchar) as account_id,
        step_queue_id as queue_id, market, language, origin,
        case when step = 2 then 'high' else 'normal' end as priority,
        case when origin <> 'audit' then policy_code end as suspected_policy_code,
        cast(1 + fate % 5 as bigint) as severity_level,
        is_gold and step = 1 as is_gold,
        case when is_gold and step = 1 then true_outcome end as gold_outcome,
        step_enqueued_at as enqueued_at,
        case when path <> 'open' then finished_at end as closes_at,
        case when path = 'open' then null when is_undecided then path else 'decided' end as close_reason
    from steps
)
select
    * exclude (closes_at, close_reason),
    case when cast(closes_at as date) = cast(enqueued_at as date) then closes_at end as closed_at,
    case when cast(closes_at as date) = cast(enqueued_at as date) then close_reason end as close_reason,
    cast(enqueued_at as date) as landed_on,
    'first' as fate
from states
union all
select
    * exclude (closes_at, close_reason), closes_at, close_reason, cast(closes_at as date), 'closed'
from states
where cast(closes_at as date) > cast(enqueued_at as date)
"""

# Who decides claims first; of what nobody decided every second task was claimed and given back. The system assigns
# every tenth task before it is taken up.
_PEND_CLAIMS = """
insert into pending_task_claims by name
with held as (
    select *, draw($seed, 'claimed', d, i * 2 + step) as claim_draw from steps
), happened as (
    select step_task_id, moderator_id, 'claimed' as event, started_at as happened_at from held
    where not is_undecided or claim_draw < 0.5
    union all
    select step_task_id, moderator_id, 'assigned', started_at - interval 30 second from held
    where not is_undecided and claim_draw < 0.1
    union all
    select step_task_id, moderator_id, 'skipped', finished_at from held
    where not is_undecided and outcome = 'skip'
    union all
    select step_task_id, moderator_id, 'released', finished_at - interval 1 second from held
    where is_undecided and claim_draw < 0.5
)
select
    step_task_id as task_id, event, happened_at, moderator_id, cast(happened_at as date) as landed_on, 'plain' as fate
from happened
"""

_PEND_DECISIONS = f"""
insert into pending_decisions by name
with made as (
    select
        'D' || substr(step_task_id, 2) as decision_id, step_task_id as task_id, content_id, content_type, market,
        language, moderator_id,
        case when fate % 10 = 0 then 'partial' else 'none' end as automation_level,
        case when fate % 10 = 0 then 'assist-3' end as model_version,
        case when fate % 10 = 0 then round(draw($seed, 'assist', d, i), 4) end as model_score,
        started_at, finished_at as decided_at, cast(handle_seconds as decimal(18, 3)) as handle_seconds, outcome,
        case when outcome not in ('no_violation', 'skip', 'escalate') then decided_policy_code end as policy_code,
        case when outcome not in ('no_violation', 'skip', 'escalate') then finished_at + interval 20 second end
            as enforced_at,
        case when outcome not in ('no_violation', 'skip', 'escalate') then cast(hash(content_id) % 3000 as bigint) end
            as views_at_action,
        'console-12' as tool_version,
        case when outcome = 'escalate' then 'escalations' end as escalated_to_queue_id,
        fate as fate_draw, settled_at
    from steps where not is_undecided
    union all
    select
        decision_id, null, content_id, content_type, market, language, null,
        'full', 'classifier-7', model_score, null, decided_at, null, outcome,
        case when outcome <> 'no_violation' then policy_code end, null,
        case when outcome <> 'no_violation' then cast(views_pick % 400 as bigint) end, null, null, 999, decided_at
    from automated
), versions as (
    select
        * exclude (fate_draw, settled_at) replace (
            case when {_between("fate_draw", UNMAPPED)} and policy_code is not null then 'not_in_seed'
                else policy_code end as policy_code,
            case when {_between("fate_draw", CORRECTED)} then handle_seconds * 3 else handle_seconds end
                as handle_seconds
        ),
        cast(decided_at as date)
            + case when {_between("fate_draw", LATE)} then cast(1 + fate_draw % 3 as integer) else 0 end as landed_on,
        case
            when {_between("fate_draw", DUPLICATE)} then 'duplicated'
            when {_between("fate_draw", CORRECTED)} then 'corrected'
            when {_between("fate_draw", LATE)} then 'late'
            when {_between("fate_draw", UNMAPPED)} and policy_code is not null then 'unmapped'
            else 'plain'
        end as fate
    from made
    union all
    select * exclude (fate_draw, settled_at), cast(decided_at as date) + 1, 'duplicate'
    from made where {_between("fate_draw", DUPLICATE)}
    union all
    select
        * exclude (fate_draw, settled_at) replace (
            settled_at as decided_at, enforced_at + (settled_at - decided_at) as enforced_at
        ),
        cast(decided_at as date) + cast(2 + hash(decision_id) % 6 as integer), 'correction'
    from made where {_between("fate_draw", CORRECTED)}
)
select * from versions
"""
