"""A correction that touches every day costs about what a full refresh does, and comes to the same."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import Project
from test_arrival import differences

pytestmark = pytest.mark.slow

WITHOUT_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
KEPT_BY_PERIODS = ("int_efficiency_slices", "int_efficiency_metrics")


def correct_whole_roster(landing: Path, landed_on: str, strangers: int = 0) -> None:
    """Every row of the roster says another site and team than before; beside it `strangers` who decide nothing."""
    folder = landing / "workforce" / "moderators"
    roster = f"read_parquet('{folder}/*/sample.parquet', hive_partitioning = false, union_by_name = true)"
    changes = "case when site_id = 'lisbon' then 'manila' else 'lisbon' end as site_id, 'T' || team_id as team_id"
    patch = folder / f"landed_on={landed_on}" / "patch.parquet"
    patch.parent.mkdir(exist_ok=True)
    duckdb.sql(
        f"""
        copy (
            select * replace ({changes}) from {roster}
            union all by name
            select o.* replace ('stranger_' || n as moderator_id)
            from (from {roster} limit 1) as o cross join range({strangers}) as t(n)
        ) to '{patch}' (format parquet)
        """
    )


def last_day(project: Project) -> str:
    return str(project.query("select max(as_of_day) from dev_intermediate.int_as_of")[0][0])


def copied(built: Project, project: Project) -> None:
    shutil.copytree(built.landing, project.landing)
    project.copy_warehouse(built)


def made_again(project: Project, model: str) -> bool:
    """Whether the table was written once, with what stays, and not emptied and filled."""
    (file,) = (project.folder / "target" / "run").rglob(f"{model}.sql")
    sql = file.read_text()
    assert ("rename to" in sql) != ("delete from" in sql)
    return "rename to" in sql


@pytest.mark.long
def test_a_roster_that_changed_whole_is_a_full_build(tiny: Project, new_project: Callable[..., Project]) -> None:
    project, full = new_project("corrected"), new_project("corrected_full")
    copied(tiny, project)
    correct_whole_roster(project.landing, last_day(tiny))
    full.landing.symlink_to(project.landing)
    versions = "select table_name, comment from duckdb_tables() where comment is not null order by all"
    before = project.query(versions)
    project.build(*WITHOUT_TESTS)
    assert all(made_again(project, model) for model in (*KEPT_BY_PERIODS, "int_decisions_daily"))
    assert project.query(versions) == before
    full.build(*WITHOUT_TESTS)
    assert differences(project, full) == {}


def test_periods_are_the_same_however_they_are_said(tiny: Project) -> None:
    """A few stretches by their bounds, many periods by a list; none that was not affected."""
    affected = {
        "few": [("day", day, day, 1) for day in ("2026-01-02", "2026-01-03")] + [("week", "2026-01-05", "", 1)],
        "gaps": [("day", f"2026-01-{day:02d}", "", day) for day in (2, 5, 6)],
        "many": [("day", f"2026-01-{day:02d}", "", day) for day in range(1, 31, 2)],
    }
    everything = "(select unnest(['day', 'week', 'month']) as grain) cross join (select unnest(generate_series(" \
        "date '2025-12-25', date '2026-02-05', interval 1 day))::date as period_start)"  # fmt: skip
    for name, periods in affected.items():
        said = tiny.compiled("{{ in_periods(" + json.dumps([list(period) for period in periods]) + ") }}")
        found = duckdb.sql(f"select grain, period_start::varchar from {everything} where {said}").fetchall()
        expected = {(grain, begins) for grain, begins, *_ in periods}
        if name == "gaps":
            # The stretches are numbered by who asks; days 5 and 6 are of two here.
            assert said.count("between") == 3
        assert set(found) == expected
        assert len(found) == len(expected)


@pytest.mark.long
def test_a_roster_of_ten_thousand_takes_at_most_twice_a_full_refresh(
    demo: Project, new_project: Callable[..., Project]
) -> None:
    project = new_project("corrected_demo")
    copied(demo, project)
    correct_whole_roster(project.landing, last_day(demo), strangers=10_000)
    project.build(*WITHOUT_TESTS)
    affected = seconds(project)
    assert project.dbt("run", "--full-refresh", "--select", *KEPT_BY_PERIODS).success
    full = seconds(project)
    assert {
        model: (affected[model], full[model]) for model in KEPT_BY_PERIODS if affected[model] > 2 * full[model]
    } == {}


def seconds(project: Project) -> dict[str, float]:
    """How long each node of the last run took."""
    results = json.loads((project.folder / "target" / "run_results.json").read_text())["results"]
    return {result["unique_id"].split(".")[2]: result["execution_time"] for result in results}
