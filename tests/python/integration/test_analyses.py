"""The deep dives run on the demo, and see what is planted there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, Project

from plumbline.sample import world

ANALYSES = sorted((ROOT / "analyses").glob("*.sql"))


def compile_analyses(project: Project, *options: str) -> dict[str, str]:
    """The SQL of every analysis, as one `dbt compile` leaves it."""
    result = project.dbt("compile", "--select", "resource_type:analysis", *options)
    assert result.success, result.messages
    folder = project.folder / "target" / "compiled" / "plumbline" / "analyses"
    return {file.stem: file.read_text() for file in folder.glob("*.sql")}


@pytest.fixture(scope="module")
def compiled(new_project: Callable[..., Project]) -> dict[str, str]:
    """Beside the demo, which others read meanwhile."""
    return compile_analyses(new_project("analyses"))


# A parameter of each, and another value than the one that it has by itself.
ASKED_OTHERWISE = {
    "csat_minimum_answers": "1", "launch_weeks": "1", "changed_policy": "spam", "cause_slice_type": "site",
    "sample_margin": "0.05",
}  # fmt: skip


@pytest.fixture(scope="module")
def asked_otherwise(new_project: Callable[..., Project]) -> dict[str, str]:
    given = ", ".join(f"{name}: {value}" for name, value in ASKED_OTHERWISE.items())
    return compile_analyses(new_project("analyses_asked_otherwise"), "--vars", f"{{{given}}}")


def rows_of(demo: Project, sql: str) -> list[dict[str, object]]:
    with demo.connect() as connection:
        cursor = connection.execute(sql)
        columns = [column[0] for column in cursor.description or []]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


@pytest.mark.parametrize("file", ANALYSES, ids=lambda file: file.stem)
def test_an_analysis_says_what_it_asks_and_how_to_read_it(file: Path) -> None:
    head = file.read_text().split("{%")[0]
    for word in ("-- Question: ", "-- Reading: ", "-- Limits: ", f"-- dbt compile --select {file.stem} "):
        assert word in head


@pytest.mark.long
def test_a_launch_shows_where_it_was_and_not_elsewhere(demo: Project, compiled: dict[str, str]) -> None:
    """Automation takes easy comments on that day: what is left takes longer, there and nowhere else."""
    metrics = {row["metric_id"]: row for row in rows_of(demo, compiled["launch_assessment"])}
    assert len(metrics) > 15
    handling = metrics["average_handle_time"]
    assert float(str(handling["net_change"])) > 4
    assert abs(float(str(handling["change_elsewhere"]))) < 0.5 * float(str(handling["change"]))
    assert float(str(metrics["audit_accuracy"]["net_change"])) < -0.02
    # Nothing is known of all decisions where nobody audits approvals, which is a queue that decides a tenth.
    assert 0.8 < float(str(metrics["audit_accuracy"]["told_share_elsewhere"])) < 1
    assert float(str(handling["told_share_elsewhere"])) == 1


def test_unhappy_users_of_a_stale_guideline_come_first(demo: Project, compiled: dict[str, str]) -> None:
    first, *others = rows_of(demo, compiled["csat_deep_dive"])
    assert (first["suspected_policy_code"], first["market"]) == ("misinformation", "MX")
    assert others
    assert float(str(first["csat"])) < 0.4
    assert float(str(first["appeal_overturn_rate"])) > 0.4


def test_effects_of_rate_and_mix_sum_to_the_change(demo: Project, compiled: dict[str, str]) -> None:
    slices = rows_of(demo, compiled["root_cause"])
    effects = sum(float(str(row["rate_effect"])) + float(str(row["mix_effect"])) for row in slices)
    assert effects == pytest.approx(float(str(slices[0]["whole_change"])), abs=1e-12)
    # Of the queue whose approvals nobody audits nothing is known.
    assert {str(row["slice"]) for row in slices} == set(world.QUEUES) - {"ads"} | {"escalations"}
    ((before, after),) = demo.query(
        "select sum(weight) filter (where is_correct and month = 3) / sum(weight) filter (where month = 3),"
        " sum(weight) filter (where is_correct and month = 6) / sum(weight) filter (where month = 6)"
        " from (select *, final_cell in ('true_positive', 'true_negative') as is_correct, month(decided_on) as month"
        " from dev_marts.fct_verdicts where is_production and sample_design <> 'targeted' and final_cell is not null"
        " and weight is not null and queue_id <> 'ads')"
    )
    assert float(str(slices[0]["whole_change"])) == pytest.approx(float(str(after)) - float(str(before)), abs=1e-9)


def test_more_audits_are_needed_for_a_rarer_margin(demo: Project, compiled: dict[str, str]) -> None:
    queues = rows_of(demo, compiled["sample_size"])
    assert len(queues) >= 5
    for row in queues:
        accuracy, decisions = float(str(row["audit_accuracy"])), float(str(row["decisions"]))
        # At least what a simple draw of a finite population takes: Cochran's formula.
        simple = 1.96**2 * accuracy * (1 - accuracy) / 0.02**2
        least = simple / (1 + (simple - 1) / decisions)
        assert float(str(row["design_effect"])) >= 1 - 1e-9
        assert least - 1 <= int(str(row["audits_needed"])) <= decisions + 1


def test_the_site_that_was_not_trained_comes_first(demo: Project, compiled: dict[str, str]) -> None:
    first, *others = rows_of(demo, compiled["policy_change"])
    assert first["slice"] == "lisbon, es"
    assert float(str(first["audit_accuracy_change"])) < -0.15
    assert abs(float(str(first["change_elsewhere"]))) < 0.03
    twin = next(row for row in others if row["slice"] == "bogota, es")
    assert float(str(twin["audit_accuracy_change"])) > -0.1


def test_parameters_change_what_is_asked(
    demo: Project, compiled: dict[str, str], asked_otherwise: dict[str, str]
) -> None:
    assert set(asked_otherwise) == set(compiled) == {file.stem for file in ANALYSES}
    before = {name: rows_of(demo, sql) for name, sql in compiled.items()}
    after = {name: rows_of(demo, sql) for name, sql in asked_otherwise.items()}
    assert len(after["csat_deep_dive"]) > len(before["csat_deep_dive"])
    assert len(after["launch_assessment"]) > 15
    assert after["launch_assessment"] != before["launch_assessment"]
    assert after["policy_change"] != before["policy_change"]
    assert {row["slice"] for row in after["root_cause"]} == {
        str(site) for (site,) in demo.query("select site_id from dev_marts.dim_site where site_id not like '(%'")
    }
    # The larger the margin, the fewer audits.
    assert sum(int(str(row["audits_needed"])) for row in after["sample_size"]) < sum(
        int(str(row["audits_needed"])) for row in before["sample_size"]
    )
