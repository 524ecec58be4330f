"""The metrics counted again: sums over the tables of `recount_facts` and `recount_outcomes`, by period and slice.

A count follows its entry in docs/metric_catalogue.md word by word, and shares nothing with the models: no macro, no
measure of the semantic layer, no helper of the other tests.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml
from recount_facts import tables_of_tasks
from recount_landing import ROOT
from recount_outcomes import tables_of_outcomes


@dataclass(frozen=True)
class Count:
    """A metric as SQL aggregates over a table, with the column of each slice type that is counted again."""

    metric: str
    table: str
    day: str
    numerator: str
    denominator: str | None = None
    slices: tuple[str, ...] = ()
    where: str = "true"
    grain: str = "month"
    settles: str = ""
    """The variable of dbt_project.yml with the days after a period in which what is counted of it still comes."""
    needs_approvals: bool = False
    """Whether there is no numerator where no decision without an enforcement action was audited with a known chance."""


def percentile(seconds: str, percent: int) -> str:
    """SQL of docs/decisions/percentiles.md: the value that the bucket of the nearest rank reads."""
    rank = f"(count({seconds}) * {percent} + 99) // 100"
    value = f"list_sort(list({seconds}) filter ({seconds} is not null))[{rank}]"
    growth = "(1.01::double / 0.99::double)"
    return f"2 * power({growth}, ceil(ln({value}) / ln({growth}))) / (1 + {growth})"


def weighed(*cells: str, column: str = "final_cell") -> str:
    """SQL of the weight of decisions in cells, the first letter of which is what was decided, the last what is true."""
    within = ", ".join(f"'{cell}'" for cell in cells)
    return f"coalesce(sum(weight) filter ({column} in ({within})), 0)"


WORK = ("queue", "suspected_policy", "market", "language", "site", "vendor")
ANSWERABLE = ("queue", "suspected_policy", "market", "language", "answerable_site", "answerable_vendor")
QUEUES = ("queue", "market", "language")
AUDITED = ("queue", "market", "language", "site", "vendor")
DUE = "due_at is not null and not is_withdrawn and due_on <= (select last_day from known)"
HUMAN = "is_production"
CREATORS = "creator_outcome in ('upheld', 'reversed', 'partially_reversed')"
REPORTERS = "reporter_outcome in ('upheld', 'reversed', 'partially_reversed')"

COUNTS = (
    Count("tasks_received", "roots", "enqueued_on", "count(*)", slices=ANSWERABLE),
    Count(
        "terminal_decisions", "roots", "decided_on", "count(*)",
        slices=("queue", "market", "language", "site", "vendor"),
    ),
    Count(
        "sla_attainment", "roots", "due_on", "count(*) filter (decided_at <= due_at)", "count(*)", ANSWERABLE, DUE,
    ),
    Count(
        "sla_attainment_first_claim", "roots", "due_on", "count(*) filter (first_claimed_at <= due_at)", "count(*)",
        ANSWERABLE, f"{DUE} and has_known_claims",
    ),
    Count(
        "time_to_first_claim_p50", "roots", "first_claimed_on", percentile("first_claim_seconds", 50), slices=QUEUES,
    ),
    Count(
        "turnaround_time_p90", "roots", "decided_on", percentile("turnaround_seconds", 90),
        slices=("queue", "market", "language", "site", "vendor"),
    ),
    Count("backlog_open", "backlog", "day", "sum(open)", slices=QUEUES, grain="day"),
    Count("backlog_days_of_cover", "backlog", "day", "sum(open)", "sum(ended)", QUEUES),
    Count(
        "touches_per_task", "roots", "enqueued_on", "sum(touches)", "count(*) filter (touches > 0)", ANSWERABLE,
    ),
    Count(
        "average_handle_time", "decided", "decided_on", "coalesce(sum(capped_seconds), 0)",
        "count(handle_seconds) filter (outcome <> 'skip')", WORK, HUMAN,
    ),
    Count(
        "capped_handle_time_share", "decided", "decided_on", "count(*) filter (handle_seconds > cap)", "count(*)",
        WORK, HUMAN,
    ),
    Count(
        "escalation_rate", "decided", "decided_on", "count(*) filter (outcome = 'escalate')", "count(*)", WORK, HUMAN,
    ),
    Count(
        "skip_rate", "decided", "decided_on", "count(*) filter (outcome = 'skip')", "count(*)", WORK, HUMAN,
    ),
    Count(
        "automation_rate", "decided", "decided_on", "count(*) filter (is_automated)", "count(*)",
        ("market", "language"), "is_enforcement_action",
    ),
    Count(
        "throughput_per_productive_hour", "shifts", "shift_on", "coalesce(sum(decisions), 0)",
        "sum(hours - other_hours)", ("site", "vendor"), "hours is not null", settles="days_until_hours_land",
    ),
    Count(
        "other_work_share", "shifts", "shift_on", "sum(other_hours)", "sum(hours)", ("site", "vendor"),
        "hours is not null", settles="days_until_hours_land",
    ),
    Count(
        "cost_per_decision", "shifts", "shift_on", "sum(cost)", "sum(priced_decisions)", ("site", "vendor"),
        settles="days_until_hours_land",
    ),
    Count(
        "utilisation", "hours", "activity_on", "sum(productive_seconds)", "sum(paid_seconds)",
        ("site", "vendor", "team"), settles="days_until_hours_land",
    ),
    Count(
        "handling_share", "hours", "activity_on", "sum(handling_seconds)", "sum(paid_seconds)",
        ("site", "vendor", "team"), settles="days_until_hours_land",
    ),
    Count(
        "audit_accuracy", "verdicts", "decided_on", weighed("pp", "nn"), weighed("pp", "pn", "np", "nn"), WORK,
        settles="days_until_audited", needs_approvals=True,
    ),
    Count(
        "audit_accuracy_initial", "verdicts", "decided_on", weighed("pp", "nn", column="initial_cell"),
        weighed("pp", "pn", "np", "nn", column="initial_cell"), WORK,
        settles="days_until_audited", needs_approvals=True,
    ),
    Count(
        "audit_precision", "verdicts", "decided_on", weighed("pp"), weighed("pp", "pn"),
        (*AUDITED, "decided_policy"), settles="days_until_audited",
    ),
    Count(
        "review_recall", "verdicts", "decided_on", weighed("pp"), weighed("pp", "np"), (*AUDITED, "true_policy"),
        settles="days_until_audited", needs_approvals=True,
    ),
    Count(
        "dispute_rate", "verdicts", "decided_on", "count(*) filter (is_disputed)", "count(*)", WORK,
        "initial_cell in ('pn', 'np')", settles="days_until_audited",
    ),
    Count(
        "disputed_audit_share", "verdicts", "decided_on", "count(*) filter (is_disputed)", "count(*)", WORK,
        settles="days_until_audited",
    ),
    Count(
        "appeal_overturn_rate", "appealed", "decided_on", "count(*) filter (creator_outcome <> 'upheld')", "count(*)",
        ("queue", "decided_policy", "market", "language", "automation"), CREATORS,
        settles="appeal_window_days",
    ),
    Count(
        "reporter_appeal_overturn_rate", "appealed", "decided_on", "count(*) filter (reporter_outcome <> 'upheld')",
        "count(*)", ("queue", "decided_policy", "market", "language", "automation"), REPORTERS,
        settles="appeal_window_days",
    ),
    Count(
        "reinstatement_rate", "appealed", "decided_on", "sum(reinstated)", "sum(reversals)",
        ("queue", "decided_policy", "market", "language"), "reversals > 0",
        settles="appeal_window_days",
    ),
    Count(
        "csat", "ratings", "asked_on", "count(*) filter (score >= 0.8)", "count(score)",
        ("support_group", "channel", "priority"), settles="days_until_answered",
    ),
    Count(
        "monthly_attrition_rate", "people", "day", "sum(leavers)", "sum(of_the_month)", ("site", "vendor", "team"),
        settles="days_until_hours_land",
    ),
    Count(
        "violative_view_rate", "views", "viewed_on", "coalesce(sum(weight) filter (is_violative), 0)", "sum(weight)",
        ("market",), settles="days_until_views_judged",
    ),
    Count(
        "proactive_removal_rate", "removals", "decided_on", "count(*) filter (not was_reported)", "count(*)",
        ("decided_policy", "market"),
    ),
)  # fmt: skip


def cells(count: Count, settles_after: int) -> str:
    """SQL of a metric by complete period, slice type and slice: all, and each slice type that is counted again.

    A period is complete when what is counted of it has come: `settles_after` days after its last day (docs/metrics.md).
    """
    names = {column: column.removeprefix("answerable_") for column in count.slices}
    sets = ", ".join(f"(period_start, {column})" for column in count.slices)
    numerator = f"cast({count.numerator} as double)"
    if count.needs_approvals:
        # docs/decisions/recall.md: by true policy the approvals of any policy will do.
        any_policy = "grouping(true_policy) = 0 or" if "true_policy" in count.slices else ""
        audited = "count(weight) filter (final_cell in ('np', 'nn')) > 0"
        numerator = f"case when {any_policy} {audited} then {numerator} end"
    kind = " ".join(f"when grouping({column}) = 0 then '{name}'" for column, name in names.items())
    member = " ".join(f"when grouping({column}) = 0 then {column}" for column in names)
    return f"""
        select
            '{count.metric}' as metric_id, '{count.grain}' as grain, period_start,
            case {kind} else 'all' end as slice_type, case {member} else 'all' end as slice,
            {numerator} as numerator,
            cast({count.denominator or "null"} as double) as denominator
        from (
            select *, cast(date_trunc('{count.grain}', {count.day}) as date) as period_start
            from {count.table}
            where {count.day} is not null and ({count.where})
        )
        where period_start + interval 1 {count.grain} - interval 1 day + interval {settles_after} day
            <= (select last_day from known)
            and period_start >= (select min(enqueued_on) from roots)
        group by grouping sets ((period_start), {sets})
    """


def recounted(landing: Path) -> duckdb.DuckDBPyConnection:
    """A connection with the table `recount`: every metric of `COUNTS` by period and slice, from what landed."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    tables_of_tasks(connection, landing)
    variables = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    tables_of_outcomes(connection, variables["appeal_window_days"])
    connection.execute(
        "create table recount as "
        + " union all ".join(cells(count, variables[count.settles] if count.settles else 0) for count in COUNTS)
    )
    return connection
