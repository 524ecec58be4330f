"""The marts count what the census counts, cell by cell, and the drawn audits estimate it without bias."""

import datetime as dt
import math
import statistics
from collections.abc import Callable

import duckdb
import pytest
from conftest import ROOT, Project
from counted import beside_census, compare

from plumbline.governance.metrics import load_metrics
from plumbline.landing.contract import load_contracts
from plumbline.sample import Scale, quality, world
from plumbline.sample.write import Writer, landed_file

# What handling time is cut to: by the seed, else an hour. Every queue of the sample has one cap for all time.
_CAP = f"""coalesce((
    select any_value(handle_seconds_cap) from read_csv('{ROOT}/seeds/reference/queues.csv') as q
    where q.queue_id = census_decisions.queue_id
), 3600)"""


@pytest.fixture(scope="module")
def counted(tiny: Project, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return beside_census(tiny, tmp_path_factory.mktemp("marts"))


@pytest.fixture(scope="module")
def counted_for_long(demo: Project, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return beside_census(demo, tmp_path_factory.mktemp("marts_of_demo"))


def test_every_decision_is_in_the_census_with_what_was_decided(counted: duckdb.DuckDBPyConnection) -> None:
    columns = "decision_id, outcome, language, market, content_type, decided_on"
    fact = f"select {columns} from fct_decisions where decided_on <= getvariable('settled')"
    census = f"select {columns} from census_decisions where decided_on <= getvariable('settled')"
    compare(counted, fact, census)


def test_every_root_task_is_in_the_census_with_its_touches(counted: duckdb.DuckDBPyConnection) -> None:
    # Follow-ups of audits and appeals are apart: no touch of their root.
    columns = """
        task_id, queue_id, language, market, enqueued_at, is_production, case when is_production then {touches} end,
        case when is_production and cast({ended} as date) <= getvariable('settled') then {ended} end
    """
    fact = (
        f"select {columns.format(touches='touches', ended='decided_at')} from fct_tasks"
        " where enqueued_on <= getvariable('settled')"
    )
    census = (
        f"select {columns.format(touches='decisions', ended='ended_at')} from census_tasks"
        " where cast(enqueued_at as date) <= getvariable('settled')"
    )
    compare(counted, fact, census)


@pytest.mark.parametrize("slices", [[], ["queue_id"], ["language"], ["market"], ["site_id", "vendor_id"]])
def test_every_population_figure_of_efficiency_is_that_of_the_census(
    slices: list[str], counted: duckdb.DuckDBPyConnection
) -> None:
    by = ", ".join([*slices, "day"])
    mart = f"""
        select {", ".join([*slices, "reporting_on as day"])}, sum(production_decisions), sum(skips), sum(escalations),
            sum(handled_decisions), sum(handle_seconds)
        from mart_efficiency_daily where reporting_on <= getvariable('settled') and vendor_id <> '(automated)'
        group by {by} having sum(production_decisions) > 0
    """
    census = f"""
        select {", ".join([*slices, "decided_on as day"])}, count(*), count(*) filter (where outcome = 'skip'),
            count(*) filter (where outcome = 'escalate'), count(*) filter (where outcome <> 'skip'),
            sum(least(handle_seconds, {_CAP}))
        from census_decisions where decided_on <= getvariable('settled') and decided_by = 'human' and is_production
        group by {by}
    """
    compare(counted, mart, census)


def test_what_automation_measured_is_that_of_the_census(counted: duckdb.DuckDBPyConnection) -> None:
    mart = """
        select reporting_on, sum(automated_enforcement_actions), sum(enforcement_actions) from mart_efficiency_daily
        where reporting_on <= getvariable('settled') group by 1 having sum(enforcement_actions) > 0
    """
    census = """
        select decided_on, count(*) filter (where decided_by = 'automation'), count(*) from census_decisions
        where decided_on <= getvariable('settled') and outcome in ('remove', 'restrict', 'age_restrict', 'label')
            and (decided_by = 'automation' or is_production)
        group by 1
    """
    compare(counted, mart, census)


# Of each metric whose truth the census has: its rows and their day, what is counted above and below the line.
# Of what a machine decides, and of audits, nobody suspected anything; what nobody decided was nowhere.
_DECIDED = """(
    select
        * replace (
            case when decided_by = 'human' and origin <> 'audit' then suspected_policy_code else '(none)' end
                as suspected_policy_code
        ),
        outcome in ('remove', 'restrict', 'age_restrict', 'label')
            and (decided_by = 'automation' or is_production) as is_enforcement_action
    from census_decisions
)"""
_BY_PEOPLE = f"""(
    select * replace (least(handle_seconds, {_CAP}) as handle_seconds), handle_seconds > {_CAP} as is_capped
    from census_decisions where decided_by = 'human'
)"""
_PRODUCED = f"(select * from {_BY_PEOPLE} where is_production)"
# Each site of the sample is of one vendor.
_VENDORS = "(select distinct site_id, vendor_id from happened_moderators)"
_TASKS = f"""(
    select t.* replace (coalesce(t.site_id, '(unmapped)') as site_id), coalesce(s.vendor_id, '(unmapped)') as vendor_id
    from census_tasks as t
    left join {_VENDORS} as s on t.site_id = s.site_id
    where t.is_production
)"""
# A second task has the id of its root and "-2"; who took up any of both.
_CLAIMS = """(
    select c.root_task_id, min(c.happened_at) as first_claimed_at, max(c.happened_at) as last_claimed_at,
        arg_max(m.site_id, c.happened_at) as site_id
    from (
        select *, regexp_replace(task_id, '-2$', '') as root_task_id, cast(happened_at as date) as claimed_on
        from happened_task_claims where event = 'claimed'
    ) as c
    asof inner join happened_moderators as m on m.moderator_id = c.moderator_id and m.valid_from <= c.claimed_on
    group by c.root_task_id
)"""
# Whoever decided a task answers for it, else whoever claimed it last, else nobody.
_ANSWERED_FOR = f"""(
    select t.* replace (coalesce(t.site_id, c.site_id, '(unclaimed)') as site_id),
        coalesce(v.vendor_id, '(unclaimed)') as vendor_id, c.first_claimed_at, c.last_claimed_at
    from census_tasks as t
    left join {_CLAIMS} as c on c.root_task_id = t.task_id
    left join {_VENDORS} as v on v.site_id = coalesce(t.site_id, c.site_id)
    where t.is_production
)"""
_CAME_IN = f"(select *, cast(enqueued_at as date) as came_on from {_ANSWERED_FOR})"
_ENDED = f"(select *, cast(ended_at as date) as ended_on from {_TASKS} where ended_at is not null)"
_DUE = f"""(
    select *, cast(due_at as date) as due_on
    from (
        select t.*, t.enqueued_at + to_seconds(q.sla_seconds) as due_at
        from {_ANSWERED_FOR} as t
        inner join read_csv('{ROOT}/seeds/reference/queues.csv') as q
            on t.queue_id = q.queue_id
            and cast(t.enqueued_at as date) between q.valid_from and coalesce(q.valid_to, date '9999-12-31')
    )
    where deleted_at is null or deleted_at > due_at
)"""
# What left undecided, which the files say and the census does not. A root that was skipped or escalated is closed, too,
# while what continues it waits.
_UNDECIDED = "(from happened_tasks where close_reason in ('expired', 'deleted'))"
# A row per task and day at whose end it waits.
_WAITING = f"""(
    select t.*, waits_on
    from {_TASKS} as t
    left join {_UNDECIDED} as h on t.task_id = h.task_id
    cross join (
        select cast(unnest(generate_series(
            (select min(decided_on) from census_decisions), getvariable('settled'), interval 1 day
        )) as date) as waits_on
    )
    where waits_on >= cast(t.enqueued_at as date)
        and waits_on < coalesce(cast(coalesce(t.ended_at, h.closed_at) as date), date '9999-01-01')
)"""
_WAITING_AND_LEFT = f"""(
    select * exclude (waits_on), 1 as waits, 0 as has_left, waits_on as counted_on from {_WAITING}
    union all
    select t.*, 0, 1, cast(coalesce(t.ended_at, h.closed_at) as date)
    from {_TASKS} as t left join {_UNDECIDED} as h on t.task_id = h.task_id
    where coalesce(t.ended_at, h.closed_at) is not null
)"""
_SEEN = f"""(
    select c.*, h.content_duration_seconds as seconds
    from {_PRODUCED} as c inner join happened_tasks as h on c.task_id = h.task_id
    where h.content_duration_seconds is not null
)"""
# Where people were on the day, by the last row of the roster that had begun.
_WORKED = """(
    select a.*, m.site_id, m.vendor_id, m.team_id, m.role
    from happened_activity as a
    asof inner join happened_moderators as m on m.moderator_id = a.moderator_id and m.valid_from <= a.activity_on
)"""
_PERSON_DAYS = f"""(
    select moderator_id, site_id, vendor_id, team_id, activity_on, sum(wellness_seconds) as wellness,
        sum(paid_seconds) as paid
    from {_WORKED} group by all having sum(handling_seconds + idle_seconds) > 0
)"""
_EMPLOYED = """(
    select d.*, m.site_id, m.vendor_id, m.team_id, m.left_on
    from (
        select moderator_id, cast(unnest(generate_series(
            greatest(min(hired_on), (select min(activity_on) from happened_activity)),
            least(max(left_on), getvariable('settled')), interval 1 day
        )) as date) as employed_on
        from happened_moderators group by moderator_id
    ) as d
    asof inner join happened_moderators as m on m.moderator_id = d.moderator_id and m.valid_from <= d.employed_on
)"""
# Days begin at midnight of the site.
_PEOPLE_DECIDE = f"""(
    select d.*, cast(timezone(s.time_zone, timezone('UTC', decided_at)) as date) as shift_on
    from {_BY_PEOPLE} as d inner join read_csv('{ROOT}/seeds/reference/sites.csv') as s using (site_id)
)"""
_SHIFTS = f"(select * from {_PEOPLE_DECIDE} where is_production and outcome <> 'skip')"
# Gold, audits and appeals take their share of the hours of a site's day.
_OTHER_SHARE = f"""(
    select site_id, shift_on,
        sum(handle_seconds) filter (where not is_production) / sum(handle_seconds) as other_share
    from {_PEOPLE_DECIDE} group by all
)"""
_HOURS = f"""(
    select w.*, (handling_seconds + idle_seconds) / 3600 as hours, coalesce(o.other_share, 0) as other_share
    from {_WORKED} as w left join {_OTHER_SHARE} as o on o.site_id = w.site_id and o.shift_on = w.activity_on
)"""
_HOURS_AND_SHIFTS = f"""(
    select site_id, vendor_id, activity_on, 0 as decided, hours * (1 - other_share) as hours from {_HOURS}
    union all
    select site_id, vendor_id, shift_on, 1, 0 from {_SHIFTS}
)"""
_RATES = f"(from read_csv('{ROOT}/seeds/reference/rates.csv', types = {{'valid_to': 'date'}}))"
_IN_FORCE = "{0} between r.valid_from and coalesce(r.valid_to, date '9999-12-31')"
# Every site of the sample has a rate for its moderators, on one basis.
_COSTS = f"""(
    with hours as (
        select w.* replace (coalesce(r.role, 'moderator') as role) from {_WORKED} as w left join {_RATES} as r
            on r.site_id = w.site_id and r.role = w.role and {_IN_FORCE.format("w.activity_on")}
    ), units as (
        select site_id, vendor_id, role, activity_on as cost_on, paid_seconds / 3600 as paid_hour,
            (handling_seconds + idle_seconds) / 3600 as productive_hour, 0 as decision from hours
        union all
        select site_id, vendor_id, 'moderator', shift_on, 0, 0, 1 from {_SHIFTS}
    )
    select u.*, x.rate * r.rate * case billing_basis when 'paid_hour' then paid_hour
        when 'productive_hour' then productive_hour when 'decision' then decision end as cost,
        case when billing_basis = 'decision' then 0 else coalesce(o.other_share, 0) end as other_share
    from units as u
    left join {_OTHER_SHARE} as o on o.site_id = u.site_id and o.shift_on = u.cost_on
    inner join {_RATES} as r on r.site_id = u.site_id and r.role = u.role and {_IN_FORCE.format("u.cost_on")}
    inner join read_csv('{ROOT}/seeds/reference/exchange_rates.csv') as x on x.currency = r.currency
)"""
TRUE_METRICS = {
    "decisions_made": (_DECIDED, "decided_on", "count(*)", "null"),
    "automated_decision_share": (
        _DECIDED, "decided_on", "count(*) filter (where decided_by = 'automation')", "count(*)"
    ),
    "automation_rate": (
        _DECIDED, "decided_on", "count(*) filter (where is_enforcement_action and decided_by = 'automation')",
        "count(*) filter (where is_enforcement_action)",
    ),
    "skip_rate": (_PRODUCED, "decided_on", "count(*) filter (where outcome = 'skip')", "count(*)"),
    "escalation_rate": (_PRODUCED, "decided_on", "count(*) filter (where outcome = 'escalate')", "count(*)"),
    "average_handle_time": (
        _PRODUCED, "decided_on", "sum(handle_seconds)", "count(*) filter (where outcome <> 'skip')"
    ),
    "tasks_received": (_CAME_IN, "came_on", "count(*)", "null"),
    "touches_per_task": (_CAME_IN, "came_on", "sum(decisions)", "count(*) filter (where decisions > 0)"),
    "terminal_decisions": (_ENDED, "ended_on", "count(*)", "null"),
    "capped_handle_time_share": (_PRODUCED, "decided_on", "count(*) filter (where is_capped)", "count(*)"),
    "sla_attainment": (_DUE, "due_on", "count(*) filter (where ended_at <= due_at)", "count(*)"),
    "sla_attainment_first_claim": (_DUE, "due_on", "count(*) filter (where first_claimed_at <= due_at)", "count(*)"),
    "sla_attainment_last_claim": (_DUE, "due_on", "count(*) filter (where last_claimed_at <= due_at)", "count(*)"),
    "backlog_open": (_WAITING, "waits_on", "count(*)", "null"),
    "backlog_days_of_cover": (_WAITING_AND_LEFT, "counted_on", "sum(waits)", "sum(has_left)"),
    "handle_time_per_content_minute": (_SEEN, "decided_on", "sum(handle_seconds)", "sum(seconds) / 60"),
    "shift_decisions": (_SHIFTS, "shift_on", "count(*)", "null"),
    "throughput_per_productive_hour": (_HOURS_AND_SHIFTS, "activity_on", "sum(decided)", "sum(hours)"),
    "other_work_share": (_HOURS, "activity_on", "sum(hours * other_share)", "sum(hours)"),
    "cost_per_decision": (_COSTS, "cost_on", "sum(cost * (1 - other_share))", "sum(decision)"),
    "other_work_cost": (_COSTS, "cost_on", "sum(cost * other_share)", "null"),
    "wellness_break_compliance": (
        _PERSON_DAYS, "activity_on", "count(*) filter (where wellness >= 0.05 * paid)", "count(*)"
    ),
    "graphic_exposure_hours_per_productive_hour": (
        _WORKED, "activity_on",
        "coalesce(sum(handling_seconds) filter (where queue_id in ('video_sensitive', 'minor_safety', 'live')), 0)",
        "sum(handling_seconds + idle_seconds)",
    ),
}  # fmt: skip
# A machine decides in no queue and at no site.
MEMBERS = {
    "all": "'all'", "queue": "coalesce(queue_id, '(unmapped)')", "suspected_policy": "suspected_policy_code",
    "market": "market", "language": "language", "site": "coalesce(site_id, '(automated)')",
    "vendor": "coalesce(vendor_id, '(automated)')", "team": "team_id",
}  # fmt: skip


@pytest.mark.parametrize("name", TRUE_METRICS)
def test_every_metric_and_slice_that_the_census_knows_is_equal(name: str, counted: duckdb.DuckDBPyConnection) -> None:
    """In the series, by day: what is decided late or not at all is in neither."""
    rows, day, numerator, denominator = TRUE_METRICS[name]
    metric = {metric.name: metric for metric in load_metrics(ROOT / "models")}[name]
    known = {column for column, *_ in counted.execute(f"describe from {rows}").fetchall()}
    slice_types = ["all", *metric.meta["allowed_slices"]]
    compared = [slice_type for slice_type in slice_types if slice_type == "all" or named_in(slice_type, known)]
    assert compared == slice_types
    for slice_type in compared:
        series = f"""
            select slice, period_start, {_rounded("numerator")}, {_rounded("denominator")} from mart_metric_series
            where metric_id = '{name}' and grain = 'day' and scope_type = 'all' and slice_type = '{slice_type}'
                and period_start <= getvariable('settled') and coalesce(denominator, numerator) <> 0
        """
        census = f"""
            select {MEMBERS[slice_type]}, {day}, {_rounded(numerator)}, {_rounded(denominator)}
            from {rows} where {day} <= getvariable('settled') group by 1, 2
            having coalesce({denominator}, {numerator}) <> 0
        """
        compare(counted, series, census)
    (happened,) = counted.execute(
        f"select {numerator} <> 0 from {rows} where {day} <= getvariable('settled')"
    ).fetchall()[0]
    assert happened


@pytest.mark.parametrize("slice_type", ["all", "site", "vendor", "team"])
def test_who_left_in_a_month_is_in_the_roster(slice_type: str, counted_for_long: duckdb.DuckDBPyConnection) -> None:
    """Of whole months; in the two weeks of the tiny sample nobody leaves."""
    months = "between date '2026-01-01' and date '2026-06-01'"
    series = f"""
        select slice, period_start, {_rounded("numerator")}, {_rounded("denominator")} from mart_metric_series
        where metric_id = 'monthly_attrition_rate' and scope_type = 'all' and slice_type = '{slice_type}'
            and period_start {months} and denominator <> 0
    """
    roster = f"""
        select {MEMBERS[slice_type]}, month, {_rounded("count(*) filter (where left_on = employed_on)")},
            {_rounded("count(*) / max(day(last_day(month)))")}
        from (select *, cast(date_trunc('month', employed_on) as date) as month from {_EMPLOYED})
        where month {months} group by 1, 2
    """
    compare(counted_for_long, series, roster)
    ((left,),) = counted_for_long.execute(
        f"select count(*) from {_EMPLOYED} where left_on = employed_on and date_trunc('month', employed_on) {months}"
    ).fetchall()
    assert left > 0


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95])
@pytest.mark.parametrize("slice_type", ["all", "queue", "market", "language", "site", "vendor"])
def test_turnaround_is_that_of_the_census(
    slice_type: str, share: float, counted_for_long: duckdb.DuckDBPyConnection
) -> None:
    """By month: the middle of the bucket, of one per cent, in which the task of that rank lies."""
    months = "between date '2026-01-01' and date '2026-06-01'"
    series = f"""
        select slice, period_start, round(numerator, 6) from mart_metric_series
        where metric_id = 'turnaround_time_p{round(share * 100)}' and grain = 'month' and scope_type = 'all'
            and slice_type = '{slice_type}' and period_start {months}
    """
    census = f"""
        select {MEMBERS[slice_type]} as slice, cast(date_trunc('month', ended_on) as date) as month,
            quantile_disc(epoch(ended_at) - epoch(enqueued_at), {share}) as seconds
        from {_ENDED} where date_trunc('month', ended_on) {months} group by 1, 2
    """
    growth = "(1.01 / 0.99)"
    read = f"round(2 * pow({growth}, ceil(ln(seconds) / ln({growth}))) / ({growth} + 1), 6)"
    compare(counted_for_long, series, f"select slice, month, {read} from ({census})")


@pytest.mark.parametrize("share", [0.5, 0.9])
@pytest.mark.parametrize("claim", ["first", "last"])
@pytest.mark.parametrize("slice_type", ["all", "queue", "market", "language"])
def test_waits_until_a_claim_are_those_of_the_files(
    slice_type: str, claim: str, share: float, counted_for_long: duckdb.DuckDBPyConnection
) -> None:
    """By month: the middle of the bucket, of one per cent, in which the task of that rank lies."""
    months = "between date '2026-01-01' and date '2026-06-01'"
    series = f"""
        select slice, period_start, round(numerator, 6) from mart_metric_series
        where metric_id = 'time_to_{claim}_claim_p{round(share * 100)}' and grain = 'month' and scope_type = 'all'
            and slice_type = '{slice_type}' and period_start {months}
    """
    files = f"""
        select {MEMBERS[slice_type]} as slice, cast(date_trunc('month', {claim}_claimed_at) as date) as month,
            quantile_disc(epoch({claim}_claimed_at) - epoch(enqueued_at), {share}) as seconds
        from {_ANSWERED_FOR} where {claim}_claimed_at is not null and month {months} group by 1, 2
    """
    growth = "(1.01 / 0.99)"
    read = f"round(2 * pow({growth}, ceil(ln(seconds) / ln({growth}))) / ({growth} + 1), 6)"
    compare(counted_for_long, series, f"select slice, month, {read} from ({files})")


@pytest.mark.parametrize("quantile", [0.5, 0.9, 0.95])
def test_cohorts_wait_as_long_as_the_files_say(quantile: float, counted_for_long: duckdb.DuckDBPyConnection) -> None:
    """By queue and week: what is undecided has waited until it expired, or until as_of."""
    name = f"p{round(quantile * 100)}"
    cohorts = f"""
        select queue_id, cast(date_trunc('week', enqueued_at) as date) as week, count(*) as tasks,
            quantile_disc(waited, {quantile}) as seconds
        from (
            select t.*, epoch(coalesce(
                case when cast(t.ended_at as date) < as_of then t.ended_at end, h.closed_at, as_of
            )) - epoch(t.enqueued_at) as waited, h.close_reason
            from {_TASKS} as t
            left join {_UNDECIDED} as h on t.task_id = h.task_id
            cross join (select max(landed_on) + interval 1 day as as_of from happened_decisions)
        )
        where close_reason is distinct from 'deleted' group by all
    """
    far = counted_for_long.execute(
        f"""
        select m.*, c.* from mart_turnaround_cohorts as m full join ({cohorts}) as c
            on c.queue_id = m.queue_id and c.week = m.week_starting_on
        where m.week_starting_on < date '2026-07-06'
            and (m.tasks is distinct from c.tasks or abs(turnaround_{name}_seconds / seconds - 1) > 0.0101)
        """
    ).fetchall()
    assert far == []


@pytest.mark.parametrize("slice_type", ["all", "queue", "market", "language"])
def test_age_of_the_backlog_is_that_of_the_census(slice_type: str, counted: duckdb.DuckDBPyConnection) -> None:
    series = f"""
        select slice, period_start, n, numerator from mart_metric_series
        where metric_id = 'backlog_age_p90' and grain = 'day' and scope_type = 'all' and slice_type = '{slice_type}'
            and period_start <= getvariable('settled')
    """
    census = f"""
        select {MEMBERS[slice_type]}, waits_on, count(*), quantile_disc(waits_on - cast(enqueued_at as date), 0.9)
        from {_WAITING} group by 1, 2
    """
    compare(counted, series, census)


def _rounded(sums: str) -> str:
    """Money and hours are summed in other steps."""
    return f"round(cast({sums} as double), 6)"


def named_in(slice_type: str, columns: set[str]) -> bool:
    return any(column in MEMBERS[slice_type] for column in columns)


DRAWS = 50


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory, new_project: Callable[..., Project]) -> Project:
    """One platform fifty times in one build, a draw of audits each: `content_type` says which.

    The auditors say what is true, so that nothing but the draw is in the estimate. Targeted audits are among them.
    """
    project = new_project("drawn")
    days = [world.FIRST_DAY + dt.timedelta(days=number) for number in range(14)]
    contracts = {contract.table: contract for contract in load_contracts()}
    with duckdb.connect() as connection:
        Writer(connection, contracts, Scale("draws", 14, 8_000), project.landing, seed=11, audit_seed=0).make(days)
        last = dt.datetime.combine(days[-1], dt.time(23, 59, 59))
        for table in ("decisions", "audits"):
            connection.execute(f"create table drawn_{table} as from pending_{table} limit 0")
        for draw in range(DRAWS):
            connection.execute("delete from pending_audits")
            quality.make_audits(connection, seed=11, audit_seed=1000 + draw)
            connection.execute(f"insert into drawn_decisions by name {_DRAWN_DECISIONS}", {"draw": f"{draw:02}"})
            connection.execute(f"insert into drawn_audits by name {_DRAWN_AUDITS}", {"draw": f"{draw:02}"})
        for table in ("decisions", "audits"):
            file = landed_file(project.landing, contracts[table], days[-1], "sample")
            columns = ", ".join(contracts[table].column_names)
            landed = f"select {columns}, timestamp '{last}' as _landed_at, 'sample' as _source_system"
            connection.execute(f"copy ({landed} from drawn_{table}) to '{file}' (format parquet)")
    result = project.dbt(
        "build", "--select", "+mart_quality_weekly", "--resource-type", "seed", "--resource-type", "model"
    )
    assert result.success, result.messages
    return project


_DRAWN_DECISIONS = """
    select d.* replace ($draw || d.decision_id as decision_id, 'draw ' || $draw as content_type, null as task_id)
    from pending_decisions as d
    qualify row_number() over (partition by d.decision_id order by landed_on desc, fate) = 1
"""

_DRAWN_AUDITS = """
    select a.* replace ($draw || a.audit_id as audit_id, $draw || a.decision_id as decision_id,
        case when c.outcome = 'escalate' and not c.is_easy then 'escalate' else c.true_outcome end as audited_outcome,
        c.true_policy_code as audited_policy_code, null as dispute_status,
        null as dispute_raised_at, null as dispute_resolved_at, null as final_outcome, null as final_policy_code)
    from pending_audits as a inner join census_decisions as c using (decision_id)
    qualify row_number() over (partition by a.audit_id order by a.landed_on desc) = 1
"""

_CELLS = (
    "initial_true_positive_weight + initial_true_negative_weight",
    (
        "initial_true_positive_weight + initial_true_negative_weight + initial_false_positive_weight"
        " + initial_false_negative_weight"
    ),
)
# figure -> what a draw says of it, and what is so in the frame; `is_correct` is null of escalations.
ESTIMATED = {
    "judged decisions": (f"sum({_CELLS[1]})", "count(is_correct)"),
    "audit accuracy": (f"sum({_CELLS[0]}) / sum({_CELLS[1]})", "avg(cast(is_correct as double))"),
    "action accuracy": (
        f"sum(initial_same_action_weight) / sum({_CELLS[1]})",
        "avg(cast(outcome = true_outcome as double)) filter (where is_correct is not null)",
    ),
    "precision": (
        "sum(initial_true_positive_weight) / sum(initial_true_positive_weight + initial_false_positive_weight)",
        "avg(cast(is_correct as double)) filter (where outcome <> 'no_violation')",
    ),
    "recall in review": (
        "sum(initial_true_positive_weight) / sum(initial_true_positive_weight + initial_false_negative_weight)",
        "avg(cast(is_correct as double)) filter (where true_outcome <> 'no_violation')",
    ),
    "leakage": (
        "sum(initial_false_negative_weight) / sum(initial_false_negative_weight + initial_true_negative_weight)",
        "1 - avg(cast(is_correct as double)) filter (where outcome = 'no_violation')",
    ),
    "escalations due": (
        "sum(due_escalation_weight) / sum(escalation_weight)",
        "avg(cast(not is_easy as double)) filter (where outcome = 'escalate')",
    ),
}  # fmt: skip


@pytest.mark.parametrize("figure", ESTIMATED)
def test_fifty_draws_of_audits_estimate_the_census_without_bias(figure: str, drawn: Project) -> None:
    """The mean of what the mart says of 50 draws lies within 3 of its standard errors of what the census says."""
    estimate, truth = ESTIMATED[figure]
    said = [
        float(str(value))
        for (value,) in drawn.query(
            f"select {estimate} from dev_marts.mart_quality_weekly where drawn_decisions > 0 group by content_type"
        )
    ]
    ((true,),) = drawn.query(
        f"""
        select {truth} from (
            select *,
                case when outcome <> 'escalate' then (outcome = 'no_violation') = (true_outcome = 'no_violation') end
                    as is_correct
            from '{drawn.landing}/_census/decisions/*.parquet' where is_in_frame
        )
        """
    )
    assert len(said) == DRAWS
    error = statistics.stdev(said) / math.sqrt(DRAWS)
    assert error > 0
    assert abs(statistics.mean(said) - float(str(true))) < 3 * error
