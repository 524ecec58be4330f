"""What may be published of a metric: its slices, its scopes, its people, its periods and its targets."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from conftest import Project
from metric_routes import COLUMNS
from test_metrics import DEFINED, METRICS, slice_types


def test_slices_of_a_dimension_sum_to_all(demo: Project) -> None:
    """With (unmapped) and (automated) among them, in every scope; a numerator that is not said in some slice aside."""
    sums = """
        with summed as (
            select metric_id, grain, period_start, scope_type, scope, slice_type, sum(series.numerator) as numerator,
                sum(series.denominator) as denominator, count(not_estimable_reason) > 0 as is_partly_unsaid
            from dev_marts.mart_metric_series as series inner join dev_marts.dim_metric using (metric_id)
            where computed_by = 'sql' and grain in ('week', 'quarter')
            group by all
        )
        select {what}
        from summed as parts inner join summed as whole using (metric_id, grain, period_start, scope_type, scope)
        where whole.slice_type = 'all' and parts.slice_type <> 'all'
    """
    broken = demo.query(
        sums.format(what="parts.*")
        + """
            and (
                parts.denominator is distinct from whole.denominator
                or parts.numerator is distinct from whole.numerator
                and not parts.is_partly_unsaid and not whole.is_partly_unsaid
            )
        limit 20
        """
    )
    assert broken == []
    ((compared, numerators),) = demo.query(
        sums.format(
            what="count(distinct metric_id), count(distinct metric_id)"
            " filter (where not parts.is_partly_unsaid and not whole.is_partly_unsaid)"
        )
    )
    sliced = {
        name for name, metric in METRICS.items() if metric.meta["computed_by"] == "sql" and "grains" not in metric.meta
    }
    assert compared == numerators == len(sliced)


def test_a_forbidden_slice_has_no_row(demo: Project) -> None:
    for table, metrics in (("dev_marts.mart_metric_series", METRICS), ("dev_reports.rpt_metric_values", DEFINED)):
        found: dict[str, set[str]] = {}
        for metric, slice_type in demo.query(f"select distinct metric_id, slice_type from {table}"):
            found.setdefault(str(metric), set()).add(str(slice_type))
        assert found == {name: set(slice_types(metric)) for name, metric in metrics.items()}
        # Nor is there a scope of what it cannot be sliced by.
        scopes: dict[str, set[str]] = {}
        for metric, scope_type in demo.query(f"select distinct metric_id, scope_type from {table}"):
            scopes.setdefault(str(metric), set()).add(str(scope_type))
        beyond = {name: found - set(slice_types(metrics[name])) for name, found in scopes.items()}
        assert beyond.keys() == metrics.keys()
        assert not any(beyond.values())


def test_a_scope_has_all_its_slices_and_nobody_else_s(demo: Project) -> None:
    scopes = {str(scope) for (scope,) in demo.query("select distinct scope from dev_reports.rpt_metric_values")}
    markets = {str(market) for (market,) in demo.query("select market from dev_marts.dim_market")}
    assert {"all", "in_house", "northgate", "palmera"} < scopes
    assert not scopes & {"(unmapped)", "(automated)", "(none)"}
    assert scopes - {"all", "in_house", "northgate", "palmera"} <= markets
    # A vendor's own total is that vendor's slice of everything; it sees no other vendor and no other's site.
    assert demo.query(
        """
        with series as (select * from dev_marts.mart_metric_series where grain = 'month')
        select * from series as own left join series as part
            on own.metric_id = part.metric_id and own.period_start = part.period_start
                and part.scope_type = 'all' and part.slice_type = own.scope_type and part.slice = own.scope
        where own.scope_type <> 'all' and own.slice_type = 'all'
            and (own.numerator, own.denominator, own.n) is distinct from (part.numerator, part.denominator, part.n)
            and own.metric_id in (select metric_id from series where slice_type = own.scope_type)
        """
    ) == []  # fmt: skip
    assert demo.query(
        "select distinct slice from dev_marts.mart_metric_series where scope = 'palmera' and slice_type = 'vendor'"
    ) == [("palmera",)]
    sites = demo.query(
        "select distinct slice from dev_marts.mart_metric_series where scope = 'palmera' and slice_type = 'site'"
    )
    assert {str(site) for (site,) in sites} == {"bogota", "casablanca"}


def test_cells_of_few_people_or_audits_have_no_value(demo: Project) -> None:
    rows = demo.query(
        """
        select minimum, not_reportable_reason, count(*), count(metric_value), max(n)
        from dev_reports.rpt_metric_values inner join dev_marts.dim_metric using (metric_id)
        where not is_reportable and grain = 'week'
            and not_reportable_reason in ('fewer than 30 audits', 'fewer than 5 people')
        group by all
        """
    )
    found = {(str(minimum), reason): (cells, values, n) for minimum, reason, cells, values, n in rows}
    assert found[("audits", "fewer than 30 audits")][2] == 29
    # Audits enough, and yet of a few people only.
    assert set(found) == {
        ("audits", "fewer than 30 audits"),
        ("audits", "fewer than 5 people"),
        ("people", "fewer than 5 people"),
        ("workers", "fewer than 5 people"),
    }
    assert all(cells > 0 and values == 0 for cells, values, _ in found.values())


def test_no_ratio_or_percentile_of_fewer_than_thirty_cases_is_published(demo: Project) -> None:
    """Whatever the metric, unless its definition says why: held against the sums of the series."""
    shares = {
        name: metric
        for name, metric in METRICS.items()
        if metric.denominator or metric.meta["computed_by"] == "histogram"
    }
    exempt = {name for name, metric in shares.items() if (metric.meta.get("minimum_n") or {}).get("exempt")}
    rows = demo.query(
        """
        select metric_id, min(cases) filter (where metric_value is not null),
            list_distinct(list(not_reportable_reason)
                filter (where cases between 0.000001 and 29.999999 and not_reportable_reason like 'fewer than 30 %')),
            count(*) filter (where cases < 30 and metric_value is null)
        from (
            select *, coalesce(s.n, s.denominator) as cases
            from dev_marts.mart_metric_series as s inner join dev_reports.rpt_metric_values as r
                using (metric_id, grain, period_start, scope_type, scope, slice_type, slice)
            where coalesce(s.n, s.denominator) is not null
        )
        group by metric_id
        """
    )
    found = {str(name): (least, reasons, withheld) for name, least, reasons, withheld in rows}
    assert shares.keys() - found.keys() == set()
    for name in shares.keys() - exempt:
        least, reasons, _ = found[name]
        assert least is None or float(str(least)) >= 30, name
        counted = (shares[name].meta.get("minimum_n") or {}).get("counts") or shares[name].meta["denominator"]
        named = "audits" if shares[name].meta["minimum"] == "audits" else counted
        assert set(reasons or ()) <= {f"fewer than 30 {named}"}, name
    assert int(str(found["appeal_overturn_rate"][2])) > 20000
    assert {name for name in exempt if float(str(found[name][0])) < 30} >= {
        "configuration_accuracy", "action_on_time_rate", "freshness_hours", "audit_plan_completion",
    }  # fmt: skip


# Metrics about people, as models/semantic has them.
ABOUT_PEOPLE = {
    name: metric
    for name, metric in METRICS.items()
    if metric.meta["minimum"] in ("people", "workers")
    or (metric.meta["minimum"] == "audits" and metric.meta["date_role"] == "decided")
}
HIGH_FLOOR = 25


@pytest.fixture(scope="module")
def strict(demo: Project, new_project: Callable[..., Project]) -> Project:
    """The demo, with a floor that hides most of what is about people."""
    project = new_project("strict")
    project.landing.symlink_to(demo.landing)
    project.copy_warehouse(demo)
    floor = ("--vars", f"minimum_people: {HIGH_FLOOR}")
    # A floor is a setting of the warehouse: without a full refresh another one is refused.
    assert "minimum_people is not the one" in "".join(
        project.dbt("run", "--select", "rpt_metric_values", *floor).messages
    )
    values = ("int_settings", "int_metric_values", "int_publishable_values", "rpt_metric_values")
    assert project.dbt("run", "--full-refresh", "--select", *values, *floor).success
    return project


@pytest.fixture(scope="module")
def by_slice(demo: Project, strict: Project) -> dict[tuple[str, int], list[tuple[Any, ...]]]:
    """Of each metric, with a floor of five people and a high one: what is published, by grain and slice."""
    found: dict[tuple[str, int], list[tuple[Any, ...]]] = {}
    for project, floor in ((demo, 5), (strict, HIGH_FLOOR)):
        for metric, *row in project.query(
            f"""
            select metric_id, r.grain, r.slice_type, count(r.metric_value), min(people_at_least) filter (where
                r.metric_value is not null and not (minimum = 'workers' and people_at_least = 0)),
                count(*) filter (where r.metric_value is not null and people_at_least is null),
                count(r.n) filter (where people_at_least between 1 and {floor - 1})
            from dev_reports.rpt_metric_values as r inner join dev_marts.mart_metric_series as s
                using (metric_id, grain, period_start, scope_type, scope, slice_type, slice)
            inner join dev_marts.dim_metric using (metric_id)
            group by all
            """
        ):
            found.setdefault((str(metric), floor), []).append(tuple(row))
    return found


@pytest.mark.parametrize("name", ABOUT_PEOPLE)
def test_no_figure_of_fewer_people_than_the_floor_is_published(
    name: str, by_slice: dict[tuple[str, int], list[tuple[Any, ...]]]
) -> None:
    """Of each grain and slice that the definition allows: what is published is of so many people, or of nobody."""
    metric = ABOUT_PEOPLE[name]
    grains = metric.meta.get("grains") or ["day", "week", "month", "quarter"]
    if metric.meta["computed_by"] == "histogram":
        grains = [grain for grain in grains if grain != "day"]
    for floor in (5, HIGH_FLOOR):
        rows = by_slice.get((name, floor), [])
        if name not in SPARSE_PEOPLE:
            assert {row[:2] for row in rows} == {(grain, type_) for grain in grains for type_ in slice_types(metric)}
        for grain, slice_type, published, least, unknown, told in rows:
            assert (unknown, told) == (0, 0), (grain, slice_type)
            assert not published or least is None or least >= floor, (grain, slice_type)


# The sample has no twelve months: test_meanings.py.
SPARSE_PEOPLE = {"attrition_rate"}


def test_a_high_floor_hides_half_of_the_figures_about_people(demo: Project, strict: Project) -> None:
    shown = [
        int(str(project.query(
            f"select count(metric_value) from dev_reports.rpt_metric_values where metric_id in {tuple(ABOUT_PEOPLE)}"
        )[0][0]))
        for project in (demo, strict)
    ]  # fmt: skip
    assert 0 < 2 * shown[1] < shown[0]


# Who had a part in it, person by person, by what is counted.
DECIDED = "dev_marts.fct_decisions inner join dev_marts.fct_decision_people using (decision_id, decided_on)"
PEOPLE_OF = {
    "int_decisions_daily": f"{DECIDED} where is_production and automation_level <> 'full'",
    "int_human_verdicts_daily": f"{DECIDED} where is_production and decision_id in"
    " (select decision_id from dev_marts.fct_audits)",
}


@pytest.mark.parametrize("slice_type", ["queue", "suspected_policy", "decided_policy", "market", "language", "site"])
def test_what_is_published_is_of_as_many_people_counted_one_by_one(
    slice_type: str, demo: Project, strict: Project
) -> None:
    """In the scope of each vendor as well; a sketch of people may take two for one, and never one for two."""
    column = {"decided_policy": "policy_code"}.get(slice_type, COLUMNS[slice_type])
    for project, floor in ((demo, 5), (strict, HIGH_FLOOR)):
        for model, people in PEOPLE_OF.items():
            names = [
                name
                for name, metric in ABOUT_PEOPLE.items()
                if slice_type in metric.meta["allowed_slices"]
                and metric.meta["date_role"] == "decided"
                and metric.denominator
                and model in metric.denominator.model
            ]
            if not names:
                continue
            rows = project.query(
                f"""
                with people as (
                    select cast(date_trunc(grain, decided_on) as date) as period_start, grain, {column} as slice, scope,
                        count(distinct moderator_key) as people
                    from (select * from {people})
                    cross join lateral (select unnest(['all', vendor_id]) as scope) as scopes
                    cross join (select unnest(['day', 'week', 'month']) as grain) as grains
                    group by all
                )
                select metric_id, min(people), count(*), count(metric_value)
                from dev_reports.rpt_metric_values inner join people using (period_start, grain, slice, scope)
                where slice_type = '{slice_type}' and metric_id in ({", ".join(map(repr, names))})
                    and metric_value is not null
                group by 1
                """
            )
            assert rows or floor == HIGH_FLOOR
            assert all(int(str(least)) >= floor for _, least, *_ in rows)


def test_a_figure_has_a_value_or_a_reason(demo: Project) -> None:
    rows = demo.query(
        """
        select computed_by, count(*) filter (where (metric_value is null) = (not_reportable_reason is null)),
            count(metric_value), count(previous_value)
        from dev_reports.rpt_metric_values inner join dev_marts.dim_metric using (metric_id) group by all
        """
    )
    assert {(str(how), broken) for how, broken, _, _ in rows} == {
        ("sql", 0), ("histogram", 0), ("metrics", 0), ("python", 0)
    }  # fmt: skip
    assert all(values > 0 and former > 0 for _, _, values, former in rows)


def test_people_are_never_counted_as_more_than_they_are(demo: Project) -> None:
    """Who was on leave, or at training only, is nobody that an occupancy is of."""
    rows = demo.query(
        """
        select people_at_least, count(distinct moderator_key)
        from dev_marts.mart_metric_series inner join dev_marts.fct_moderator_days
            on period_start = cast(date_trunc('month', activity_on) as date) and slice = team_id
                and handling_seconds + idle_seconds > 0
        where metric_id = 'utilisation' and grain = 'month' and slice_type = 'team' and scope = 'all'
            and slice <> '(unmapped)'
        group by period_start, slice, people_at_least
        """
    )
    assert len(rows) > 20
    assert all(0 < int(str(least)) <= int(str(exact)) for least, exact in rows)
    # Ten people share a bit of 63 half the time, two bits seldom.
    assert sum(int(str(least)) for least, _ in rows) > 0.8 * sum(int(str(exact)) for _, exact in rows)


def test_a_cohort_of_appeals_is_a_whole_window_old(demo: Project) -> None:
    """Whoever was decided on last in it, at the end of the day, has had thirty days; those of the next day have not."""
    ((last, as_of),) = demo.query(
        "select max(period_start), any_value(as_of) from dev_marts.mart_metric_series"
        " cross join dev_intermediate.int_as_of where metric_id = 'appeal_rate' and grain = 'day'"
    )
    assert isinstance(last, dt.date)
    assert isinstance(as_of, dt.datetime)
    end_of_day = dt.datetime.combine(last, dt.time()) + dt.timedelta(days=1)
    assert end_of_day + dt.timedelta(days=30) <= as_of < end_of_day + dt.timedelta(days=31)


# Without audits of approvals, what they say is only of measures: as accuracy it would be precision by another name.
OF_ALL_DECISIONS = (
    "audit_accuracy", "audit_accuracy_initial", "audit_action_accuracy", "severity_weighted_score",
    "critical_error_rate", "review_recall", "under_enforcement_rate", "over_enforcement_rate", "audit_f1",
)  # fmt: skip


def test_what_is_of_all_decisions_is_not_estimable_where_no_approval_was_audited(demo: Project) -> None:
    """The planted queue, and its twin."""
    rows = demo.query(
        f"""
        select slice, metric_id, metric_value is null, not_reportable_reason from dev_reports.rpt_metric_values
        where metric_id in {(*OF_ALL_DECISIONS, "audit_precision")} and grain = 'quarter' and slice_type = 'queue'
            and slice in ('ads', 'accounts', 'live') and scope = 'all' and period_start = date '2026-04-01'
        """
    )
    reasons = {(queue, metric): reason for queue, metric, _, reason in rows}
    assert len(rows) == len(reasons) == 3 * (len(OF_ALL_DECISIONS) + 1)
    assert all(is_null == (reason is not None) for _, _, is_null, reason in rows)
    unsaid = {cell: reason for cell, reason in reasons.items() if reason}
    assert set(unsaid) == {("ads", metric) for metric in OF_ALL_DECISIONS}
    assert all("no decision without an enforcement action was audited" in str(reason) for reason in unsaid.values())
    ((known, unknown),) = demo.query(
        "select count(audit_accuracy) filter (where queue_id = 'live'), count(audit_accuracy) filter"
        " (where queue_id = 'ads') from dev_marts.mart_queue_health"
    )
    assert int(str(known)) > unknown == 0


def test_a_period_is_complete_once_what_it_counts_has_come(demo: Project) -> None:
    """Of a sample up to the twentieth of July: appeals are of decisions to the nineteenth of June, and so on."""
    ends = dict(
        demo.query(
            """
            select metric_id, max(period_start) from dev_reports.rpt_metric_values
            where grain = 'day' and is_complete and scope = 'all' and slice_type = 'all' group by metric_id
            """
        )
    )
    assert {metric: str(ends[metric]) for metric in (
        "tasks_received", "throughput_per_productive_hour", "csat", "audit_accuracy", "appeal_rate",
    )} == {
        "tasks_received": "2026-07-19", "throughput_per_productive_hour": "2026-07-16", "csat": "2026-07-12",
        "audit_accuracy": "2026-07-05", "appeal_rate": "2026-06-19",
    }  # fmt: skip
    weeks = demo.query(
        "select period_start, is_complete, change is null from dev_reports.rpt_metric_values where grain = 'week'"
        " and metric_id = 'tasks_received' and scope = 'all' and slice_type = 'all' order by 1"
    )
    # What landed begins on the last day of 2025, and the first whole week has none before it.
    assert weeks[:3] == [
        (dt.date(2025, 12, 29), False, True), (dt.date(2026, 1, 5), True, True), (dt.date(2026, 1, 12), True, False),
    ]  # fmt: skip


def test_throughput_is_of_shifts_whose_hours_are_known(demo: Project) -> None:
    """Hours land after decisions: the last week has three days of hours fewer than days of decisions."""
    values = [
        float(str(value))
        for (value,) in demo.query(
            "select metric_value from dev_reports.rpt_metric_values where grain = 'week' and scope = 'all'"
            " and metric_id = 'throughput_per_productive_hour' and slice_type = 'all' and metric_value is not null"
            " and period_start >= date '2026-05-04' order by period_start"
        )
    ]
    assert len(values) > 8
    assert max(values) < 1.1 * min(values)


def test_targets_are_those_of_the_period(demo: Project) -> None:
    rows = demo.query(
        """
        select cast(period_start as varchar), slice, target from dev_reports.rpt_metric_values
        where metric_id = 'audit_accuracy' and grain = 'month' and scope = 'all'
            and (slice_type = 'all' or slice_type = 'queue' and slice in ('minor_safety', 'live'))
            and period_start in (date '2026-03-01', date '2026-04-01')
        """
    )
    assert {(period, member): target for period, member, target in rows} == {
        ("2026-03-01", "all"): 0.92, ("2026-04-01", "all"): 0.94,
        ("2026-03-01", "live"): 0.92, ("2026-04-01", "live"): 0.94,
        ("2026-03-01", "minor_safety"): 0.97, ("2026-04-01", "minor_safety"): 0.97,
    }  # fmt: skip
    statuses = demo.query(
        """
        select interval_method = 'none', target_status, count(*), count(*) filter (where case direction
            when 'up' then coalesce(values.lower, metric_value) >= target
            when 'down' then coalesce(values.upper, metric_value) <= target end)
        from dev_reports.rpt_metric_values as values inner join dev_marts.dim_metric using (metric_id)
        where target_status <> 'provisional' and (interval_method = 'none' or values.lower is not null)
        group by all
        """
    )
    found = {(exact, str(status)): (int(str(cells)), int(str(reached))) for exact, status, cells, reached in statuses}
    assert set(found) == {(True, "met"), (True, "missed"), *((False, s) for s in ("met", "missed", "inconclusive"))}
    assert all(reached == (cells if status == "met" else 0) for (_, status), (cells, reached) in found.items())
    # Of periods that are not complete, whatever their value: it may still change.
    provisional = demo.query(
        "select is_complete, target_status = 'provisional', count(*) from dev_reports.rpt_metric_values"
        " where target_status is not null group by all"
    )
    assert {(complete, told) for complete, told, _ in provisional} == {(True, False), (False, True)}
    assert all(int(str(cells)) > 1000 for _, _, cells in provisional)
