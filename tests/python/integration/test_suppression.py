"""What is published tells nothing of few people: no value, no number of cases, no sum.

People are counted from the rows of facts and their private twins, where marts count bits. With a floor of seventeen,
much of the tiny sample is of few.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import ROOT, Project

pytestmark = [pytest.mark.slow, pytest.mark.attack("disclosure")]

FLOOR = 17
# Public marts in which nobody's work is a cell, or which hold no figure of people; docs/decisions/secrecy.md says why.
WITHOUT_FLOOR = {
    "mart_appeals", "mart_backlog_daily", "mart_configuration_quality", "mart_data_validation", "mart_detector_quality",
    "mart_exposure", "mart_insight_requests", "mart_management_actions", "mart_metric_correlations",
    "mart_public_benchmarks", "mart_satisfaction", "mart_support_experience",
}  # fmt: skip
# Held by a unit test beside the model: the sample has no such cell, or people cannot be counted from what is stored.
HELD_BY_UNIT_TESTS = {
    "mart_audit_programme", "mart_dsa_transparency", "mart_error_drivers", "mart_policy_change_impact",
    "mart_queue_health", "mart_turnaround_cohorts",
}  # fmt: skip

_AUDITED = """
    select {period} as period_start, {column} as member, count(distinct moderator_key) as people
    from dev_marts.fct_verdicts inner join dev_marts.fct_decision_people using (decision_id, decided_on)
    where is_production group by all
"""
_QUARTER = "cast(date_trunc('quarter', decided_on) as date)"
_RATERS = """
    select session_id, rating_round, {version}count(distinct rater_key) as people
    from dev_marts.fct_calibration_ratings inner join dev_marts.fct_calibration_rating_people using (rating_id)
    where not is_reference {given} group by all
"""
_COEFFICIENTS = ("percent_agreement", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1")

# mart -> people by cell, the columns to join them by, and what is null where they are few.
FLOORS: dict[str, tuple[str, str, list[str]]] = {
    "mart_vendor_scorecard": (
        _AUDITED.format(period=_QUARTER, column="vendor_id"),
        "on quarter_starting_on = people.period_start and vendor_id = people.member",
        ["initial_audits", "final_audits", "initial_errors", "disputed_initial_errors", "dispute_rate",
         "initial_accuracy", "final_accuracy", "initial_raw_gap", "final_raw_gap", "initial_standardised_gap",
         "final_standardised_gap", "initial_overlap_share", "final_overlap_share"],
    ),
    "mart_site_comparisons": (
        _AUDITED.format(period=_QUARTER, column="site_id"),
        "on quarter_starting_on = people.period_start and group_type = 'site' and people.member in (group_1, group_2)",
        ["raw_difference", "raw_lower", "raw_upper", "standardised_difference", "standard_error", "lower", "upper",
         "overlap", "p_value", "adjusted_p_value", "leniently_audited_1", "leniently_audited_2"],
    ),
    "mart_error_pareto": (
        _AUDITED.format(period="cast(date_trunc('month', decided_on) as date)", column="site_id"),
        "on month_starting_on = people.period_start and cause_type = 'site' and cause = people.member",
        ["errors", "drawn_errors", "error_severity", "place", "error_weight", "share", "cumulative_share"],
    ),
    "mart_quality_estimates": (
        _AUDITED.format(period="cast(date_trunc('week', decided_on) as date)", column="site_id"),
        "on grain = 'week' and scope_type = 'all' and slice_type = 'site' and published.period_start"
        " = people.period_start and slice = people.member",
        ["audits", "provisional_audits", "estimate", "standard_error", "lower", "upper", "effective_n",
         "is_provisional"],
    ),
    "mart_calibration": (
        _RATERS.format(version="", given=""), "using (session_id, rating_round)",
        ["ratings", "missing_ratings", "items", "raters", "referenced_ratings", "reference_matches",
         "reference_match_rate", "agreement_items",
         *(name + part for name in _COEFFICIENTS for part in ("", "_standard_error", "_lower", "_upper"))],
    ),
    "mart_calibration_labels": (
        _RATERS.format(version="coalesce(policy_version, '(none)') as policy_version, ", given="and label is not null"),
        "using (session_id, rating_round, policy_version)", ["ratings", "raters", "share"],
    ),
    "mart_inter_rater_agreement": (
        "select session_id as slice, rating_round, people from ("
        + _RATERS.format(version="", given="and label is not null") + ")",
        "using (slice, rating_round)", ["items", "estimate", "standard_error", "lower", "upper"],
    ),
    "mart_auditor_load": (
        "select cast(date_trunc('week', audited_on) as date) as week_starting_on, auditor_type, count(distinct"
        " auditor_key) as people from dev_marts.fct_audits inner join dev_marts.fct_audit_people"
        " using (audit_id, audited_on) group by all",
        "using (week_starting_on, auditor_type)",
        ["auditors", "audits", "unauditable_audits", "disputed_audits", "lost_disputes", "audits_per_auditor",
         "spread"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def floored(tiny_sample: Path, new_project: Callable[..., Project]) -> Project:
    """The tiny sample, of which nothing is told of fewer than seventeen people."""
    project = new_project("floored")
    project.landing.symlink_to(tiny_sample)
    project.build("--exclude-resource-type", "test", "--vars", f"{{minimum_people: {FLOOR}}}")
    return project


@pytest.fixture(scope="module")
def published(floored: Project) -> Any:
    """A connection with who decided what, as handling time counts it."""
    with floored.connect() as connection:
        connection.execute(
            """
            create temp table decided as
            select decided_on, queue_id, suspected_policy_code, market, language, site_id, vendor_id, moderator_key
            from dev_marts.fct_decisions inner join dev_marts.fct_decision_people using (decision_id, decided_on)
            where is_production and handle_seconds is not null and outcome <> 'skip'
            """
        )
        # Who answers for a task: who decided it last, or else took it up last.
        connection.execute(
            """
            create temp table answered as
            select due_on, is_withdrawn, enqueued_on, touches, queue_id, suspected_policy_code, market, language,
                answerable_site_id as site_id, answerable_vendor_id as vendor_id, coalesce(decider, claimer) as person
            from dev_marts.fct_tasks
            left join (
                select decision_id as terminal_decision_id, moderator_id as decider
                from dev_staging.stg_moderation__decisions
            ) using (terminal_decision_id)
            left join (
                select coalesce(root_task_id, task_id) as task_id, max_by(moderator_id, happened_at) as claimer
                from dev_staging.stg_moderation__task_claims
                inner join dev_staging.stg_moderation__tasks using (task_id)
                where event = 'claimed' and origin not in ('audit', 'appeal') group by all
            ) using (task_id)
            where is_production
            """
        )
        connection.execute(
            "create temp table due as select * from answered where due_on is not null and not is_withdrawn"
        )
        connection.execute("create temp table enqueued as select * from answered where touches > 0")
        yield connection


@pytest.mark.parametrize("mart", FLOORS)
def test_a_mart_says_nothing_of_few_people(mart: str, published: duckdb.DuckDBPyConnection, tiny: Project) -> None:
    people, joined, withheld = FLOORS[mart]
    told = ", ".join(f'count(published."{name}")' for name in withheld)
    few, *values = published.execute(
        f"""
        select count(*), {told} from dev_marts.{mart} as published inner join ({people}) as people {joined}
        where people.people between 1 and {FLOOR} - 1
        """
    ).fetchall()[0]
    assert few > 0
    assert dict(zip(withheld, values, strict=True)) == dict.fromkeys(withheld, 0)
    # With a floor of five it does.
    assert int(str(tiny.query(f'select count("{withheld[0]}") from dev_marts.{mart}')[0][0])) > 0


def test_every_public_mart_has_a_floor_or_a_reason_for_none(manifest: dict[str, Any]) -> None:
    """A new one fails here until it is said of how few people it may tell."""
    public = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["access"] == "public"
    }
    marts = {name for name in public if name.startswith("mart_")}
    assert marts == set(FLOORS) | WITHOUT_FLOOR | HELD_BY_UNIT_TESTS
    page = (ROOT / "docs" / "decisions" / "secrecy.md").read_text()
    assert [name for name in sorted(public) if f"`{name}`" not in page] == []
    unit_tested = {test["model"] for test in manifest["unit_tests"].values()}
    assert unit_tested >= HELD_BY_UNIT_TESTS


@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter"])
def test_no_report_tells_how_much_few_people_did(grain: str, published: duckdb.DuckDBPyConnection) -> None:
    """Every metric of people's work, in every slice and scope, beside the people whose work it is of."""
    slices = {
        "all": "'all'", "queue": "queue_id", "suspected_policy": "suspected_policy_code", "market": "market",
        "language": "language", "site": "site_id", "vendor": "vendor_id",
    }  # fmt: skip
    people = " union all ".join(
        f"""
        select '{slice_type}' as slice_type, {column} as slice, '{scope_type}' as scope_type, {scope} as scope,
            '{role}' as date_role, cast(date_trunc('{grain}', {role}_on) as date) as period_start,
            count(distinct {person}) as people
        from {role} group by all
        """
        for role, person in (("decided", "moderator_key"), ("due", "person"), ("enqueued", "person"))
        for slice_type, column in slices.items()
        for scope_type, scope in (("all", "'all'"), ("vendor", "vendor_id"), ("market", "market"))
    )
    rows = published.execute(
        f"""
        select metric_id, count(*), count(n), count(metric_value), count(lower), count(upper), count(previous_value)
            filter (where metric_value is not null), bool_and(not_reportable_reason = 'fewer than {FLOOR} people')
        from dev_reports.rpt_metric_values inner join dev_marts.dim_metric using (metric_id)
        inner join ({people}) as people using (date_role, slice_type, slice, scope_type, scope, period_start)
        where grain = '{grain}' and people.people between 1 and {FLOOR} - 1 and (
            minimum in ('people', 'workers') or minimum = 'audits' and computed_by = 'sql'
        )
        group by all
        """
    ).fetchall()
    metrics = {metric for metric, *_ in rows}
    assert len(metrics) > 15
    assert metrics >= {"sla_attainment", "sla_attainment_last_claim", "touches_per_task"}
    for metric, cells, *told, gives_the_reason in rows:
        assert cells > 0
        assert told == [0] * len(told), metric
        assert gives_the_reason, metric


def test_what_is_withheld_for_people_has_no_number_at_all(published: duckdb.DuckDBPyConnection, tiny: Project) -> None:
    columns = ["n", "metric_value", "change", "lower", "upper", "target_status"]
    told = ", ".join(f"count({name})" for name in columns)
    cells, *values = published.execute(
        f"select count(*), {told} from dev_reports.rpt_metric_values"
        f" where not_reportable_reason = 'fewer than {FLOOR} people'"
    ).fetchall()[0]
    assert cells > 1000
    assert dict(zip(columns, values, strict=True)) == dict.fromkeys(columns, 0)
    # What is withheld because cases are few says how many.
    assert tiny.query(
        "select count(n) > 1000, count(*) - count(n) from dev_reports.rpt_metric_values"
        " where not_reportable_reason = 'fewer than 30 audits'"
    ) == [(True, 0)]  # fmt: skip
