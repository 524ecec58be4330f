"""What landed, put in relation as the written meanings have it: tasks, decisions, verdicts, appeals, hours, contents.

One table a subject, with a row a thing counted. Each statement names the page that it follows; none was taken from a
model. Site and vendor are those of the roster as of the event.
"""

from pathlib import Path

import duckdb
import yaml
from recount_landing import ROOT, SEEDS, known, read_landed, read_seed

LANDED = {
    "moderation": ("tasks", "decisions", "task_claims", "user_reports"),
    "quality": ("audits",),
    "appeals": ("appeals",),
    "workforce": ("moderators", "activity"),
    "support": ("ticket", "satisfaction_rating"),
    "exposure": ("view_samples",),
}

MEASURES = "('remove', 'restrict', 'age_restrict', 'label')"

# docs/landing.md: the last landed_on is the end of what is known, of all tables.
KNOWN = """
create table known as
select max(_landed_on) as last_day from ({tables})
"""

# contracts/workforce/moderators.yml: a row without valid_to ends where the next begins.
ROSTER = """
create table roster as
select
    moderator_id, site_id, vendor_id, team_id, role, hired_on, left_on, valid_from,
    least(
        coalesce(valid_to, date '9999-12-31'),
        coalesce(lead(valid_from) over (partition by moderator_id order by valid_from) - 1, date '9999-12-31')
    ) as valid_to
from moderators
"""

# docs/decisions/enforcement-action.md, terminal-decision.md: a task is of the kind of its root; a root that did not
# land is itself.
TASKS = """
create table kinds as
select
    task.task_id, task.queue_id as own_queue, task.enqueued_at as own_enqueued_at, task.closed_at as own_closed_at,
    task.suspected_policy_code as own_suspected_policy, root.*
        exclude (task_id, root_task_id), root.task_id as root_id,
    not root.is_gold and root.origin not in ('audit', 'appeal') as is_production
from tasks as task
left join tasks as landed_root on task.root_task_id = landed_root.task_id
inner join tasks as root on root.task_id = coalesce(landed_root.task_id, task.task_id)
"""

# docs/decisions/impossible-or-odd.md: a decision before its task is judged on the version that won.
# docs/decisions/handle-time.md: cut to the cap of the queue in force on the day.
DECISIONS = """
create table decided as
select
    decision.* exclude (market, language, policy_code),
    kinds.root_id,
    cast(decision.decided_at as date) as decided_on,
    case when decision.task_id is null then '(unmapped)' else {own_queue} end as queue,
    {market} as market,
    {language} as language,
    {decided_policy} as decided_policy,
    {suspected_policy} as suspected_policy,
    case when decision.automation_level = 'full' then '(automated)' else coalesce(roster.site_id, '(unmapped)') end
        as site,
    case when decision.automation_level = 'full' then '(automated)' else coalesce(roster.vendor_id, '(unmapped)') end
        as vendor,
    roster.role,
    decision.automation_level = 'full' as is_automated,
    coalesce(kinds.is_production, true) as is_of_production,
    coalesce(kinds.is_production, true) and decision.automation_level <> 'full' as is_production,
    coalesce(kinds.is_production, true) and decision.outcome in {measures} as is_enforcement_action,
    coalesce(queues.handle_seconds_cap, {cap}) as cap,
    least(decision.handle_seconds, coalesce(queues.handle_seconds_cap, {cap})) as capped_seconds
from decisions as decision
left join kinds on decision.task_id = kinds.task_id
left join roster
    on decision.moderator_id = roster.moderator_id
    and cast(decision.decided_at as date) between roster.valid_from and roster.valid_to
left join seed_queues as queues
    on kinds.own_queue = queues.queue_id
    and cast(decision.decided_at as date) between queues.valid_from and coalesce(queues.valid_to, date '9999-12-31')
where kinds.own_enqueued_at is null or decision.decided_at >= kinds.own_enqueued_at
"""

# docs/decisions/terminal-decision.md, claims.md; metric catalogue, sla_attainment.
ROOTS = """
create table roots as
with terminal as (
    select *
    from decided
    where root_id is not null and outcome not in ('skip', 'escalate')
    qualify row_number() over (partition by root_id order by decided_at desc, decision_id desc) = 1
), affected as (
    select root_id, count(*) as touches from decided where root_id is not null group by all
), ended as (
    -- A task waits until it is closed or decided, unless it was handed on, which closes it.
    select
        kinds.root_id,
        case when bool_or(ends.ended_at is null) then null else max(ends.ended_at) end as ended_at,
        max(kinds.own_closed_at) as closed_at
    from kinds
    inner join (
        select task.task_id, greatest(task.own_closed_at, max(decided.decided_at)) as ended_at
        from kinds as task
        left join decided on task.task_id = decided.task_id and decided.outcome not in ('skip', 'escalate')
        group by task.task_id, task.own_closed_at
    ) as ends on kinds.task_id = ends.task_id
    group by all
), claimed as (
    select
        kinds.root_id, min(happened_at) as first_claimed_at, max(happened_at) as last_claimed_at,
        arg_max(moderator_id, happened_at) as last_claimed_by
    from task_claims
    inner join kinds on task_claims.task_id = kinds.task_id
    where event = 'claimed'
    group by all
), answering as (
    select claimed.*, roster.site_id, roster.vendor_id
    from claimed
    left join roster
        on claimed.last_claimed_by = roster.moderator_id
        and cast(claimed.last_claimed_at as date) between roster.valid_from and roster.valid_to
), due as (
    select
        kinds.task_id,
        coalesce(kinds.due_at, kinds.enqueued_at + to_seconds(queues.sla_seconds)) as due_at
    from kinds
    left join seed_queues as queues
        on kinds.queue_id = queues.queue_id
        and cast(kinds.enqueued_at as date) between queues.valid_from and coalesce(queues.valid_to, date '9999-12-31')
)
select
    kinds.root_id, kinds.enqueued_at, cast(kinds.enqueued_at as date) as enqueued_on,
    {queue} as queue, {market} as market, {language} as language, {suspected_policy} as suspected_policy,
    terminal.decided_at, cast(terminal.decided_at as date) as decided_on,
    terminal.site, terminal.vendor,
    case
        when kinds.enqueued_at < claims.first_day then '(unmapped)'
        when terminal.decided_at is not null then terminal.site
        when answering.root_id is null then '(unclaimed)'
        else coalesce(answering.site_id, '(unmapped)')
    end as answerable_site,
    case
        when kinds.enqueued_at < claims.first_day then '(unmapped)'
        when terminal.decided_at is not null then terminal.vendor
        when answering.root_id is null then '(unclaimed)'
        else coalesce(answering.vendor_id, '(unmapped)')
    end as answerable_vendor,
    coalesce(affected.touches, 0) as touches,
    ended.ended_at, cast(ended.ended_at as date) as ended_on,
    answering.first_claimed_at, cast(answering.first_claimed_at as date) as first_claimed_on,
    kinds.enqueued_at >= claims.first_day as has_known_claims,
    due.due_at, cast(due.due_at as date) as due_on,
    -- Merged or deleted, undecided, before it was due.
    coalesce(
        kinds.close_reason in ('merged', 'deleted') and terminal.decided_at is null and ended.ended_at < due.due_at,
        false
    ) as is_withdrawn,
    epoch_us(terminal.decided_at) / 1e6 - epoch_us(kinds.enqueued_at) / 1e6 as turnaround_seconds,
    epoch_us(answering.first_claimed_at) / 1e6 - epoch_us(kinds.enqueued_at) / 1e6 as first_claim_seconds
from kinds
cross join (select cast(min(happened_at) as date) as first_day from task_claims) as claims
left join terminal on kinds.task_id = terminal.root_id
left join affected on kinds.task_id = affected.root_id
left join ended on kinds.task_id = ended.root_id
left join answering on kinds.task_id = answering.root_id
left join due on kinds.task_id = due.task_id
where kinds.task_id = kinds.root_id and kinds.is_production
"""

# docs/decisions/terminal-decision.md: who waits at the end of each day that is over.
BACKLOG = """
create table backlog as
with days as (
    select cast(unnest(generate_series(
        (select min(enqueued_on) from roots)::timestamp, (select last_day from known)::timestamp, interval 1 day
    )) as date) as day
), waiting as (
    select days.day, roots.queue, roots.market, roots.language, count(*) as open, 0 as ended
    from days
    inner join roots
        on roots.enqueued_on <= days.day and (roots.ended_on is null or roots.ended_on > days.day)
    group by all
), gone as (
    select ended_on as day, queue, market, language, 0 as open, count(*) as ended
    from roots
    where ended_on is not null
    group by all
)
from waiting union all by name from gone
"""


def tables_of_tasks(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """Read the landing and make `decided`, `roots` and `backlog`, of rows a decision, a root task, a cell."""
    for seed in SEEDS:
        read_seed(connection, seed)
    for source, names in LANDED.items():
        for name in names:
            read_landed(connection, landing, source, name)
    tables = " union all by name ".join(f"select _landed_on from {name}" for names in LANDED.values() for name in names)
    variables = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    words = {
        "measures": MEASURES,
        "cap": str(variables["handle_seconds_cap"]),
        "own_queue": known("kinds.own_queue", "queues"),
        "market": known("decision.market", "markets"),
        "language": known("decision.language", "languages"),
        "decided_policy": known("decision.policy_code", "policies", missing="(none)"),
        "suspected_policy": known("kinds.own_suspected_policy", "policies", missing="(none)"),
    }
    of_root = {
        "queue": known("kinds.queue_id", "queues"),
        "market": known("kinds.market", "markets"),
        "language": known("kinds.language", "languages"),
        "suspected_policy": known("kinds.suspected_policy_code", "policies", missing="(none)"),
    }
    connection.execute(KNOWN.format(tables=tables))
    connection.execute(ROSTER)
    connection.execute(TASKS)
    connection.execute(DECISIONS.format(**words))
    connection.execute(ROOTS.format(**of_root))
    connection.execute(BACKLOG)
