"""What no operation knows of itself: the true label of every decision, and how each root task ended.

Files under `_census/` beside the landing tables, by the day on which a root task came in. No model reads them.
"""

import datetime as dt
from pathlib import Path

import duckdb

from plumbline.landing.casts import literal

FOLDER = "_census"


def write(connection: duckdb.DuckDBPyConnection, landing: Path, days: list[dt.date], *, is_wide: bool) -> None:
    """Write the census of `days`, a file a day: labels of decisions and, where it is wide, all that truths ask of them.

    The wide one has a file of root tasks a day, too.
    """
    if is_wide:
        connection.execute(_DECISIONS)
        connection.execute(_TASKS)
    else:
        connection.execute(_LABELS)
    for table in ("decisions", "tasks") if is_wide else ("decisions",):
        folder = landing / FOLDER / table
        folder.mkdir(parents=True, exist_ok=True)
        for day in days:
            connection.execute(
                f"copy (select * exclude (day) from census_{table} where day = date '{day}' order by 1)"
                f" to {literal(str(folder / f'{day}.parquet'))} (format parquet, compression zstd)"
            )


_LABELS = """
create or replace table census_decisions as
select day, 'D' || substr(step_task_id, 2) as decision_id, true_outcome,
    case when true_outcome <> 'no_violation' then policy_code end as true_policy_code
from steps
where not is_undecided
union all
select day, decision_id, true_outcome, case when true_outcome <> 'no_violation' then policy_code end
from automated
"""

# `audit_says_correct` is how likely an auditor finds the decision right in being violative or not: the figure that an
# audit estimates, as auditors err. The weight of a decision in a sample is one over its `audit_probability`.
_DECISIONS = """
create or replace table census_decisions as
select
    s.day, p.decision_id, s.step_task_id as task_id, s.content_id, s.step_queue_id as queue_id, s.language, s.market,
    s.content_type, s.origin, s.is_gold, s.site_id, s.vendor_id, s.moderator_id,
    'human' as decided_by, s.outcome, s.true_outcome,
    case when p.outcome in ('remove', 'restrict', 'age_restrict', 'label') then s.decided_policy_code end
        as policy_code,
    case when s.true_outcome <> 'no_violation' then s.policy_code end as true_policy_code,
    s.policy_code as suspected_policy_code, s.is_easy,
    not s.is_gold and s.origin not in ('audit', 'appeal') as is_production,
    not p.is_outside as is_in_frame, p.audit_probability,
    cast(s.settled_at as date) as decided_on, s.settled_at as decided_at, s.handle_seconds,
    case
        when p.outcome in ('skip', 'escalate') then null
        when s.is_stale and p.outcome = 'remove' then 1
        else (1 - let_pass) * case
            when s.true_outcome = 'no_violation'
                then case when p.outcome = 'no_violation' then 32.0 / 33 else 1.0 / 33 end
            when p.outcome = 'no_violation' then 2.0 / 33
            else 31.0 / 33
        end + let_pass
    end as audit_says_correct
from steps as s
inner join population as p on p.d = s.d and p.i = s.i and p.step = s.step
-- The lenient auditor has half of the audits of Bogotá, and lets every second pass.
cross join lateral (select case when s.site_id = 'bogota' then 0.25 else 0 end as let_pass) as lenient
union all
select
    day, decision_id, null, content_id, null, language, market, content_type, null, false, null, null, null,
    'automation', outcome, true_outcome,
    case when outcome <> 'no_violation' then policy_code end,
    case when true_outcome <> 'no_violation' then policy_code end, policy_code, null, true, false, null,
    cast(decided_at as date), decided_at, null, null
from automated
"""

_TASKS = """
create or replace table census_tasks as
select
    day, task_id, queue_id, language, market, policy_code as suspected_policy_code, min(enqueued_at) as enqueued_at,
    -- The last decision that is neither a skip nor an escalation.
    max(case when not is_undecided and outcome not in ('skip', 'escalate') then settled_at end) as ended_at,
    arg_max(site_id, settled_at) filter (where not is_undecided and outcome not in ('skip', 'escalate')) as site_id,
    max(case when path = 'deleted' then finished_at end) as deleted_at,
    count(*) filter (where not is_undecided) as decisions,
    bool_and(not is_gold and origin not in ('audit', 'appeal')) as is_production
from steps
group by day, task_id, queue_id, language, market, policy_code
"""
