"""What is refused: each with one error that says what is wrong, and nothing lost."""

import json
import shutil
from collections.abc import Callable

import duckdb
import pytest
from conftest import ROOT, SALT, Project

from plumbline.metric_sql.generate import generated_models

pytestmark = pytest.mark.slow


def test_a_folder_that_is_no_day_is_named(new_project: Callable[..., Project]) -> None:
    project = new_project("no_day")
    project.write("moderation.decisions", "select 'd' as decision_id, 'sample' as _source_system")
    folder = project.landing / "moderation" / "decisions"
    (folder / "landed_on=2026-01-01").rename(folder / "landed_on=yesterday")
    result = project.dbt("build")
    assert not result.success
    assert "landed_on=yesterday is no date" in "\n".join(result.messages)
    assert "Nothing was changed" in "\n".join(result.messages)


def test_a_file_that_no_call_of_land_committed_stops_the_build(new_project: Callable[..., Project]) -> None:
    project = new_project("uncommitted")
    project.write("moderation.decisions", "select 'd' as decision_id, 'sample' as _source_system")
    folder = project.landing / "moderation" / "decisions" / "landed_on=2026-01-01"
    (folder / "file.parquet").rename(folder / "20260101T000000-abc.land.parquet")
    result = project.dbt("build")
    assert not result.success
    assert "20260101T000000-abc.land.parquet: the ledger names no call that wrote it" in "\n".join(result.messages)


def test_sample_and_real_data_never_share_a_landing(new_project: Callable[..., Project]) -> None:
    project = new_project("mixed", salt=SALT)
    project.write("moderation.decisions", "select 'd' as decision_id, 'sample' as _source_system")
    project.write("moderation.tasks", "select 't' as task_id, 'ours' as _source_system")
    result = project.dbt("build")
    assert not result.success
    assert "sample and real data share this landing" in "\n".join(result.messages)


def test_a_warehouse_of_the_sample_takes_no_real_data(new_project: Callable[..., Project]) -> None:
    project = new_project("switched", salt=SALT)
    project.write("support.ticket", "select 't' as id, 'sample' as _source_system")
    project.build_up_to("stg_support__ticket")
    shutil.rmtree(project.landing)
    project.write("moderation.tasks", "select 't' as task_id, 'ours' as _source_system")
    result = project.dbt("build")
    assert not result.success
    assert "this warehouse holds sample data" in "\n".join(result.messages)


def test_a_contract_without_its_model_is_refused_by_name(new_project: Callable[..., Project]) -> None:
    """Else its table would be left out of the accounting of rows."""
    project = new_project("forgotten")
    project.use_seeds(ROOT / "seeds")
    for name in ("contracts", "models"):
        (project.root / name).unlink()
        shutil.copytree(ROOT / name, project.root / name)
    contract = (ROOT / "contracts" / "quality" / "audit_frames.yml").read_text()
    text = contract.replace("name: audit_frames", "name: forgotten")
    (project.root / "contracts" / "quality" / "forgotten.yml").write_text(text)
    said = "".join(project.dbt("build", "--select", "int_settings").messages)
    assert "contracts/quality/forgotten.yml has no model" in said
    staged = project.root / "models" / "staging" / "quality" / "stg_quality__forgotten.sql"
    staged.write_text("{{ config(materialized='landed') }}\n\n{{ landed('quality', 'forgotten') }}\n")
    said = "".join(project.dbt("build", "--select", "int_settings").messages)
    assert "quality.forgotten is not in macros/landing/landed_tables.sql: run plumbline docs" in said


@pytest.mark.long
def test_a_changed_variable_is_refused_since_stored_days_have_the_old_one(new_project: Callable[..., Project]) -> None:
    project = new_project("capped")
    project.build("--select", "int_settings")
    changed = {
        "handle_seconds_cap": 1800,
        "appeal_window_days": 14,
        "support_schedule_id": "lisbon_office",
        "reporting_timezone": "Asia/Manila",
    }
    result = project.dbt("build", "--vars", json.dumps(changed))
    assert not result.success
    for name in changed:
        assert f"{name} is not the one" in "\n".join(result.messages)


@pytest.mark.parametrize("former", ["table", "view"])
@pytest.mark.long
def test_a_table_that_cannot_be_made_anew_stays_as_it_was(former: str, new_project: Callable[..., Project]) -> None:
    """Of the same kind, or of another that it was in an earlier version."""
    project = new_project(f"twice_{former}")
    project.use_seeds(ROOT / "seeds")
    project.build_up_to("dim_market")
    if former == "view":
        change(project, "drop table dev_marts.dim_market; create view dev_marts.dim_market as select 'old' as market")
    before = project.query("select market from dev_marts.dim_market order by all")
    markets = project.root / "seeds" / "reference" / "markets.csv"
    once = markets.read_text()
    markets.write_text(once + "ZZ,Nowhere\nZZ,Elsewhere\n")
    assert project.dbt("seed", "--select", "markets").success
    result = project.dbt("run", "--select", "dim_market")
    assert not result.success
    assert "ZZ" in "".join(result.messages)
    assert project.query("select market from dev_marts.dim_market order by all") == before
    markets.write_text(once)
    assert project.dbt("seed", "--select", "markets").success
    assert project.dbt("run", "--select", "dim_market").success
    assert ("(unmapped)",) in project.query("select market from dev_marts.dim_market")


def change(project: Project, sql: str) -> None:
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute(sql)


@pytest.mark.parametrize(
    ("model", "how"),
    [
        ("dev_staging.base_moderation__tasks", "add column extra integer"),
        ("dev_staging.base_moderation__tasks", "drop column queue_id"),
        # Nothing is affected, and yet.
        ("dev_marts.mart_efficiency_daily", "drop column market"),
        ("dev_marts.mart_efficiency_daily", "alter column touches type varchar"),
    ],
)
def test_columns_that_changed_are_no_silent_loss(
    model: str, how: str, tiny: Project, new_project: Callable[..., Project]
) -> None:
    """As if the model had been changed after it was stored: one error, which says which columns and what to do."""
    project = new_project("columns")
    shutil.copytree(tiny.landing, project.landing)
    project.copy_warehouse(tiny)
    change(project, f"alter table {model} {how}")
    result = project.dbt("run", "--select", model.split(".")[1])
    said = "".join(result.messages)
    assert not result.success
    assert "--full-refresh" in said
    assert how.split()[2] in said


def test_a_key_that_is_twice_or_lacks_a_part_does_not_hold(tiny: Project, new_project: Callable[..., Project]) -> None:
    project = new_project("keys")
    shutil.copytree(tiny.landing, project.landing)
    project.copy_warehouse(tiny)
    tested = ("test", "--select", "mart_calibration_holds")
    assert project.dbt(*tested).success
    change(project, "insert into dev_marts.mart_calibration from dev_marts.mart_calibration limit 1")
    result = project.dbt(*tested)
    assert [message.split(",")[0] for message in result.messages] == ["mart_calibration_holds: Got 2 results"]


@pytest.mark.long
def test_a_changed_definition_is_never_half_of_a_series(tiny: Project, new_project: Callable[..., Project]) -> None:
    project = new_project("definitions")
    shutil.copytree(tiny.landing, project.landing)
    project.copy_warehouse(tiny)
    project.use_seeds(ROOT / "seeds")
    (project.root / "models").unlink()
    shutil.copytree(ROOT / "models", project.root / "models")
    stored = ("run", "--select", "int_efficiency_slices", "int_efficiency_metrics", "int_workforce_metrics")
    assert project.dbt(*stored).success
    decisions = project.root / "models" / "semantic" / "decisions.yml"
    once, former = decisions.read_text(), "name: handled_decisions, agg: sum, expr: handled_decisions,"
    assert former in once
    decisions.write_text(once.replace(former, former.replace("expr: handled", "expr: 2 * handled")))
    for file, text in generated_models(project.root).items():
        file.write_text(text)
    result = project.dbt(*stored)
    assert not result.success
    assert "--full-refresh --select int_efficiency_slices+" in "".join(result.messages)
    # Nor with the slices rebuilt, and the periods as they were.
    assert not project.dbt(*stored[:3], "--full-refresh").success
    # The metrics of other areas stay as they are.
    result = project.dbt("run", "--full-refresh", "--select", "int_efficiency_slices+")
    assert result.success, result.messages
    assert "int_quality_metrics" not in result.statuses
    assert project.dbt("run", "--select", "int_quality_metrics", "int_efficiency_metrics").success


def test_a_roll_up_refuses_to_overwrite_what_was_not_read(new_project: Callable[..., Project]) -> None:
    project = new_project("partial_selection")
    row = "select 't' as task_id, 'live' as queue_id, 'user_report' as origin, false as is_gold,"
    project.write(
        "moderation.tasks", f"{row} timestamp '2026-01-01 01:00:00' as enqueued_at, 'sample' as _source_system"
    )
    project.build_up_to("int_tasks_daily")
    project.write(
        "moderation.tasks",
        f"{row} timestamp '2026-01-01 02:00:00' as enqueued_at, 'sample' as _source_system",
        "2026-01-02",
    )
    project.build("--exclude-resource-type", "test", "--select", "+int_tasks", "--exclude", "log_former_task_days")
    refused = project.dbt("run", "--select", "int_tasks_daily")
    assert not refused.success
    assert "has not read" in "".join(refused.messages)
    project.build("--exclude-resource-type", "test", "--select", "log_former_task_days", "int_tasks_daily")
