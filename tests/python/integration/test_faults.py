"""What goes wrong: a killed build, unreadable files, tables that are absent, empty or bad throughout."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT, Project
from test_arrival import COLUMNS_OF_A_RUN, differences

from plumbline.landing.contract import load_contracts

pytestmark = pytest.mark.slow

KILLS = [pytest.param(3, id="three"), pytest.param(20, id="twenty", marks=pytest.mark.long)]


def start_build(project: Project) -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLUMBLINE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "dbt.cli.main", *project.arguments("build"), "--exclude-resource-type", "test"],
        cwd=ROOT,
        env={**kept, **project.environment()},
        stdout=(project.folder / "dbt.out").open("wb"),
        stderr=subprocess.STDOUT,
    )


def marts(project: Project) -> dict[str, str]:
    """A digest of the content of every mart that is a table, whatever the order of its rows."""
    digests = {}
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'dev_marts'"
            " and table_type = 'BASE TABLE' order by 1"
        ).fetchall()
        for (name,) in names:
            columns = [row[0] for row in connection.execute(f"describe dev_marts.{name}").fetchall()]
            kept = ", ".join(f'"{column}"' for column in columns if column not in COLUMNS_OF_A_RUN)
            sql = f"select count(*), bit_xor(hash({kept})) from dev_marts.{name}"
            digests[name] = str(connection.execute(sql).fetchall()[0])
    return digests


def land_from(sample: Path, project: Project, *, january_only: bool) -> None:
    for file in sample.glob("*/*/landed_on=*/*.parquet"):
        place = project.landing / file.relative_to(sample)
        if not january_only or file.parent.name <= "landed_on=2026-01-08":
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)


def build_up_to(project: Project, *models: str) -> None:
    """Models and what they are made of, without tests: those may ask for models beside them."""
    project.build("--exclude-resource-type", "test", "--select", *(f"+{name}" for name in models))


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_build_leaves_whole_marts_and_the_next_one_mends(
    kills: int, tiny_sample: Path, tiny: Project, new_project: Callable[..., Project]
) -> None:
    project = new_project(f"killed_{kills}")
    land_from(tiny_sample, project, january_only=True)
    project.build()
    whole = {name: {digest} for name, digest in marts(project).items()}
    for name, digest in marts(tiny).items():
        whole[name].add(digest)
    land_from(tiny_sample, project, january_only=False)

    draw = random.Random(kills)  # noqa: S311
    interrupted = 0
    for number in range(kills):
        process = start_build(project)
        # Not before the first model runs; then anywhere within about the time that the models take.
        wait_for_models(project, process)
        time.sleep(0.2 + 3.5 * (number + draw.random()) / kills)
        interrupted += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert set(marts(project)) == set(whole), f"a mart is gone after kill {number + 1}"
        for name, digest in marts(project).items():
            assert digest in whole[name], f"{name} is neither as it was nor as it will be after kill {number + 1}"
    assert interrupted >= 2, "the builds were over before they could be killed"
    project.build()
    assert differences(project, tiny) == {}


def wait_for_models(project: Project, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if b" of " in (project.folder / "dbt.out").read_bytes():
            return
        time.sleep(0.05)


def test_an_unreadable_file_is_one_error_that_names_it_and_nothing_changes(
    tiny_sample: Path, new_project: Callable[..., Project]
) -> None:
    project = new_project("unreadable")
    land_from(tiny_sample, project, january_only=True)
    project.build("--exclude-resource-type", "test")
    before = marts(project), project.query("select count(*) from dev_staging.base_moderation__decisions")
    land_from(tiny_sample, project, january_only=False)
    torn = project.landing / "moderation" / "decisions" / "landed_on=2026-01-12" / "torn.parquet"
    whole = (torn.parent / "sample.parquet").read_bytes()
    torn.write_bytes(whole[: len(whole) // 2])
    result = project.dbt("build")
    assert not result.success
    assert "torn.parquet" in "\n".join(result.messages)
    assert (marts(project), project.query("select count(*) from dev_staging.base_moderation__decisions")) == before
    torn.unlink()
    build_up_to(project, "fct_decisions")


def mount_small_disk(folder: Path, mebibytes: int, *, remount: bool = False) -> None:
    """A disk in memory of so many MiB at `folder`, or another size for the one that is there; skips where forbidden."""
    folder.mkdir(exist_ok=True)
    options = f"{'remount,' if remount else ''}size={mebibytes}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"may not mount a small disk: {mounted.stderr.strip()}")


def test_a_full_disk_ends_in_a_clear_error_and_leaves_whole_marts(
    tiny_sample: Path, tiny: Project, new_project: Callable[..., Project]
) -> None:
    project = new_project("full_disk")
    project.folder.mkdir(parents=True, exist_ok=True)
    project.disk = project.folder / "disk"
    mount_small_disk(project.disk, 300)
    try:
        land_from(tiny_sample, project, january_only=True)
        project.build()
        before, after = marts(project), marts(tiny)
        assert before != after
        used = -(-sum(file.stat().st_size for file in project.disk.iterdir() if file.is_file()) // 2**20)
        mount_small_disk(project.disk, used + 1, remount=True)
        land_from(tiny_sample, project, january_only=False)
        build = start_build(project)
        assert build.wait() == 1
        said = (project.folder / "dbt.out").read_text()
        assert "No space left on device" in said or "failed to offload" in said, said[-2000:]
        assert set(marts(project)) == set(before)
        for name, digest in marts(project).items():
            assert digest in (before[name], after[name]), f"{name} is neither as it was nor as it will be"
        mount_small_disk(project.disk, 300, remount=True)
        project.build()
        assert differences(project, tiny) == {}
    finally:
        subprocess.run(["umount", str(project.disk)], check=True)


def write_parquet(project: Project, table: str, select: str, landed_on: str = "2026-01-01") -> None:
    folder = project.landing.joinpath(*table.split("."), f"landed_on={landed_on}")
    folder.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"copy ({select}) to '{folder / 'file.parquet'}' (format parquet)")


def test_absent_empty_and_bad_tables_build_and_validation_says_why(new_project: Callable[..., Project]) -> None:
    project = new_project("bare")
    # No tasks at all; decisions are empty; audits are bad throughout; nothing else landed.
    write_parquet(project, "moderation.decisions", "select 'd' as decision_id, 'sample' as _source_system where false")
    bad = "select 'a' as audit_id, 'long ago' as audited_at, 'sample' as _source_system"
    write_parquet(project, "quality.audits", bad)
    # Of the right types, and yet nothing to count with.
    endless = (
        "select 'r' as response_id, timestamp '2026-01-05' as asked_at, timestamp 'infinity' as answered_at,"
        " 'q' as question, cast('nan' as double) as score, cast('inf' as double) as scale_max,"
        " 'sample' as _source_system"
    )
    write_parquet(project, "support.survey_responses", endless)
    project.build()
    status = set(project.query("select source_table, status from dev_marts.mart_data_validation where row_count = 0"))
    assert ("moderation.tasks", "nothing_landed") in status
    assert ("moderation.decisions", "nothing_staged") in status
    assert ("quality.audits", "nothing_staged") in status
    ((reasons,),) = project.query(
        "select reason from dev_marts.mart_data_validation"
        " where source_table = 'quality.audits' and status = 'quarantined'"
    )
    assert "untypeable_audited_at" in reasons
    assert "missing_decision_id" in reasons
    assert project.query("select _problems from dev_staging.base_support__survey_responses") == [
        ("untypeable_answered_at,untypeable_score,untypeable_scale_max",)
    ]
    for mart in ("mart_efficiency_daily", "mart_quality_weekly", "mart_calibration", "mart_support_experience"):
        assert project.query(f"select count(*) from dev_marts.{mart}") == [(0,)]
        assert project.query(f"select count(*) > 5 from (describe dev_marts.{mart})") == [(True,)]


def test_nothing_landed_at_all_builds(new_project: Callable[..., Project]) -> None:
    project = new_project("nothing")
    project.build()
    assert project.query("select count(distinct source_table) from dev_marts.mart_data_validation") == [(33,)]


def test_a_folder_that_is_no_day_is_named(new_project: Callable[..., Project]) -> None:
    project = new_project("no_day")
    write_parquet(project, "moderation.decisions", "select 'd' as decision_id, 'sample' as _source_system")
    folder = project.landing / "moderation" / "decisions"
    (folder / "landed_on=2026-01-01").rename(folder / "landed_on=yesterday")
    result = project.dbt("build")
    assert not result.success
    assert "landed_on=yesterday is no date" in "\n".join(result.messages)
    assert "Nothing was changed" in "\n".join(result.messages)


def test_a_file_that_land_did_not_commit_does_not_count(new_project: Callable[..., Project]) -> None:
    project = new_project("uncommitted")
    write_parquet(project, "moderation.decisions", "select 'd' as decision_id, 'sample' as _source_system")
    folder = project.landing / "moderation" / "decisions" / "landed_on=2026-01-01"
    (folder / "file.parquet").rename(folder / "20260101T000000-abc.land.parquet")
    build_up_to(project, "base_moderation__decisions")
    assert project.query("select count(*) from dev_staging.base_moderation__decisions") == [(0,)]


def test_sample_and_real_data_never_share_a_landing(new_project: Callable[..., Project]) -> None:
    project = new_project("mixed", salt="s" * 32)
    write_parquet(project, "moderation.decisions", "select 'd' as decision_id, 'sample' as _source_system")
    write_parquet(project, "moderation.tasks", "select 't' as task_id, 'ours' as _source_system")
    result = project.dbt("build")
    assert not result.success
    assert "sample and real data share this landing" in "\n".join(result.messages)


def test_a_warehouse_of_the_sample_takes_no_real_data(new_project: Callable[..., Project]) -> None:
    project = new_project("switched", salt="s" * 32)
    write_parquet(project, "support.ticket", "select 't' as id, 'sample' as _source_system")
    build_up_to(project, "base_support__ticket")
    shutil.rmtree(project.landing)
    write_parquet(project, "moderation.tasks", "select 't' as task_id, 'ours' as _source_system")
    result = project.dbt("build")
    assert not result.success
    assert "this warehouse holds sample data" in "\n".join(result.messages)


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


def test_landed_at_orders_versions_whatever_its_type(new_project: Callable[..., Project]) -> None:
    project = new_project("zoned")
    folder = project.landing / "quality" / "audit_frames" / "landed_on=2026-01-05"
    folder.mkdir(parents=True)
    for name, hour, planned in (("b", "09", 1), ("a", "10", 2)):
        duckdb.sql(
            f"""
            copy (
                select 'f' as frame_id, 's' as stratum,
                    date '2026-01-01' as period_start, date '2026-01-07' as period_end,
                    100::bigint as population_count, {planned}::bigint as planned_n, 'sample' as _source_system,
                    timestamptz '2026-01-05 {hour}:00:00+00' as _landed_at
            ) to '{folder / name}.parquet' (format parquet)
            """
        )
    build_up_to(project, "fct_audit_frames")
    # a.parquet came an hour after b.parquet, and so corrects it.
    assert project.query("select planned_n from dev_marts.fct_audit_frames") == [(2,)]


def test_codes_that_nobody_lists_are_counted_and_decide_nothing(new_project: Callable[..., Project]) -> None:
    project = new_project("codes")
    at = "timestamp '2026-01-01 0{hour}:00:00'"
    write_parquet(
        project,
        "moderation.tasks",
        f"select 't' as task_id, 'live' as queue_id, 'user_report' as origin, false as is_gold,"
        f" {at.format(hour=1)} as enqueued_at, 'sample' as _source_system",
    )
    write_parquet(
        project,
        "moderation.decisions",
        f"select 'd' as decision_id, 't' as task_id, 'FULL' as automation_level, 'Remove' as outcome,"
        f" {at.format(hour=2)} as decided_at, 'sample' as _source_system",
    )
    write_parquet(
        project,
        "moderation.user_reports",
        # A day of its own, which nothing else touches.
        "select 'r' as report_id, 'c' as content_id, timestamp '2026-01-03 00:00:00' as reported_at,"
        " 'guidelines' as notice_type, 'ZZ' as market, 'sample' as _source_system",
    )
    asked = "mart_data_validation", "fct_user_reports", "fct_tasks", "fct_decisions"
    build_up_to(project, *asked)
    unmapped = (
        "select source_table, reason, row_count from dev_marts.mart_data_validation"
        " where status = 'unmapped' order by 1, 2"
    )
    of_decisions = [("moderation.decisions", "automation_level", 1), ("moderation.decisions", "outcome", 1)]
    assert project.query(unmapped) == [*of_decisions, ("moderation.user_reports", "market", 1)]
    assert project.query("select market from dev_marts.fct_user_reports") == [("(unmapped)",)]
    # Neither terminal, nor a measure, nor human production: what it is, nobody knows.
    assert project.query("select is_open, terminal_decision_id from dev_marts.fct_tasks") == [(True, None)]
    assert project.query("select is_production, is_measure from dev_marts.fct_decisions") == [(False, False)]

    # A code that a seed has learnt is known to what landed before.
    project.use_seeds(ROOT / "seeds")
    with (project.root / "seeds" / "reference" / "markets.csv").open("a") as stream:
        stream.write("ZZ,Nowhere\n")
    build_up_to(project, *asked)
    assert project.query(unmapped) == of_decisions
    assert project.query("select market from dev_marts.fct_user_reports") == [("ZZ",)]


# Of each table a row that names codes in columns that refer to a seed, and the columns.
REFERRING = {
    "moderation.tasks": (
        "'t' as task_id, 'lounge' as queue_id, 'ZZ' as market, 'tlh' as language, 'rudeness' as suspected_policy_code,"
        " 'user_report' as origin, false as is_gold, timestamp '2026-01-01 01:00:00' as enqueued_at",
        {"language", "market", "queue_id", "suspected_policy_code"},
    ),
    "moderation.decisions": (
        "'d' as decision_id, 'full' as automation_level, 'escalate' as outcome, 'lounge' as escalated_to_queue_id,"
        " timestamp '2026-01-02 01:00:00' as decided_at",
        {"escalated_to_queue_id"},
    ),
    "moderation.queue_configurations": (
        "'lounge' as queue_id, 'auto_assign' as setting, timestamp '2026-01-03 01:00:00' as changed_at",
        {"queue_id"},
    ),
    "quality.audits": (
        "'q' as audit_id, 'd' as decision_id, 'targeted' as sample_design, 'blind' as review_mode, 1 as audit_round,"
        " 'a' as auditor_id, 'lead' as auditor_type, timestamp '2026-01-04 01:00:00' as audited_at,"
        " 'remove' as audited_outcome, 'rudeness' as audited_policy_code, 'rudeness' as final_policy_code",
        {"audited_policy_code", "final_policy_code"},
    ),
    "workforce.activity": (
        "'m' as moderator_id, date '2026-01-05' as activity_on, 'lounge' as queue_id, 60 as scheduled_seconds,"
        " 60 as paid_seconds, 60 as handling_seconds, 0 as idle_seconds, 0 as training_seconds, 0 as meeting_seconds,"
        " 0 as break_seconds, 0 as wellness_seconds, 0 as system_down_seconds, 0 as planned_leave_seconds,"
        " 0 as unplanned_absence_seconds",
        {"queue_id"},
    ),
}


def test_references_that_no_seed_knows_are_counted_by_file_and_kept(new_project: Callable[..., Project]) -> None:
    project = new_project("references")
    contracts = {contract.name: contract for contract in load_contracts()}
    assert {
        (name, column.name) for name, contract in contracts.items() for column in contract.columns if column.refers_to
    } == {(name, column) for name, (_, columns) in REFERRING.items() for column in columns}
    for name, (row, _) in REFERRING.items():
        write_parquet(project, name, f"select {row}, 'sample' as _source_system")
    build_up_to(project, "mart_data_validation", "mart_metric_series", "fct_audits")
    unmapped = (
        "select source_table, reason from dev_marts.mart_data_validation"
        " where status = 'unmapped' and landed_file is not null and row_count = 1"
    )
    assert set(project.query(unmapped)) == {
        (name, column) for name, (_, columns) in REFERRING.items() for column in columns
    }
    series = dict(
        project.query(
            "select slice, sum(numerator) from dev_marts.mart_metric_series where metric_id = 'unmapped_rate'"
            " and grain = 'day' and slice_type = 'landed_table' and numerator > 0 group by 1"
        )
    )
    assert series == {name: len(columns) for name, (_, columns) in REFERRING.items()}
    # What was given is there to be compared.
    assert project.query("select audited_policy_code from dev_marts.fct_audits") == [("rudeness",)]

    # A code that a seed has learnt is known to what landed before.
    project.use_seeds(ROOT / "seeds")
    with (project.root / "seeds" / "reference" / "queues.csv").open("a") as stream:
        stream.write("lounge,Lounge,2020-01-01,,86400,,false\n")
    build_up_to(project, "mart_data_validation")
    assert {reason for _, reason in project.query(unmapped)} == {
        "audited_policy_code", "final_policy_code", "language", "market", "suspected_policy_code",
    }  # fmt: skip


def test_hours_that_a_tool_exports_later_move_what_was_due(new_project: Callable[..., Project]) -> None:
    """The schedule of a queue: an hour from Monday 16:30 ends on Tuesday, or after a holiday on Wednesday."""
    project = new_project("hours")
    project.use_seeds(ROOT / "seeds")
    with (project.root / "seeds" / "reference" / "queues.csv").open("a") as stream:
        stream.write("counter,Counter,2020-01-01,,3600,counter,false\n")
    write_parquet(
        project,
        "moderation.tasks",
        "select 't' as task_id, 'counter' as queue_id, 'user_report' as origin, false as is_gold,"
        " timestamp '2026-01-05 16:30:00' as enqueued_at, 'sample' as _source_system",
    )
    # Monday to Wednesday from eight to five; in winter London has the time of UTC.
    opening = (
        "select 'counter' as id, 'Europe/London' as time_zone, n * 1440 + 480 as start_time,"
        " n * 1440 + 1020 as end_time, 'sample' as _source_system from range(1, 4) as r(n)"
    )
    holiday = (
        "select 'h' as id, 'counter' as schedule_id, 'Counting' as name, date '2026-01-06' as start_date,"
        " date '2026-01-06' as end_date, {} as is_deleted, 'sample' as _source_system"
    )
    causes = "select count(*) from dev_staging.touched_task_days where cause = 'schedules'"
    due = {}
    for landed_on, table, rows in (
        ("2026-01-01", "support.schedule", opening),
        ("2026-01-10", "support.schedule_holiday", holiday.format("false")),
        ("2026-01-11", "support.schedule_holiday", holiday.format("true")),
        # The same once more is no change, and what comes back is one.
        ("2026-01-12", "support.schedule", opening),
        ("2026-01-13", "support.schedule_holiday", holiday.format("false")),
    ):
        write_parquet(project, table, rows, landed_on)
        build_up_to(project, "fct_tasks")
        ((at,),) = project.query("select due_at from dev_marts.fct_tasks")
        due[landed_on] = str(at), project.query(causes)[0][0]
    assert due == {
        "2026-01-01": ("2026-01-06 08:30:00", 0),
        "2026-01-10": ("2026-01-07 08:30:00", 1),
        "2026-01-11": ("2026-01-06 08:30:00", 2),
        "2026-01-12": ("2026-01-06 08:30:00", 2),
        "2026-01-13": ("2026-01-07 08:30:00", 3),
    }


@pytest.mark.parametrize("former", ["table", "view"])
def test_a_table_that_cannot_be_made_anew_stays_as_it_was(former: str, new_project: Callable[..., Project]) -> None:
    """Of the same kind, or of another that it was in an earlier version."""
    project = new_project(f"twice_{former}")
    project.use_seeds(ROOT / "seeds")
    build_up_to(project, "dim_market")
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
        # Nothing is touched, and yet.
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
    shutil.copy(tiny.warehouse, project.warehouse)
    change(project, f"alter table {model} {how}")
    result = project.dbt("run", "--select", model.split(".")[1])
    said = "".join(result.messages)
    assert not result.success
    assert "--full-refresh" in said
    assert how.split()[2] in said


def test_a_key_that_is_twice_or_lacks_a_part_does_not_hold(tiny: Project, new_project: Callable[..., Project]) -> None:
    project = new_project("keys")
    shutil.copytree(tiny.landing, project.landing)
    shutil.copy(tiny.warehouse, project.warehouse)
    tested = ("test", "--select", "mart_calibration_holds")
    assert project.dbt(*tested).success
    change(project, "insert into dev_marts.mart_calibration from dev_marts.mart_calibration limit 1")
    result = project.dbt(*tested)
    assert [message.split(",")[0] for message in result.messages] == ["mart_calibration_holds: Got 2 results"]


def test_a_changed_definition_is_never_half_of_a_series(tiny: Project, new_project: Callable[..., Project]) -> None:
    project = new_project("definitions")
    shutil.copytree(tiny.landing, project.landing)
    shutil.copy(tiny.warehouse, project.warehouse)
    project.use_seeds(ROOT / "seeds")
    (project.root / "models").unlink()
    shutil.copytree(ROOT / "models", project.root / "models")
    stored = (
        "run",
        "--select",
        "int_metric_slices_daily",
        "int_metric_periods",
        "int_metric_quantiles",
        "int_quality_sums",
    )
    assert project.dbt(*stored).success
    decisions = project.root / "models" / "semantic" / "decisions.yml"
    once, former = decisions.read_text(), "name: handled_decisions, agg: sum, expr: handled_decisions,"
    assert former in once
    decisions.write_text(once.replace(former, former.replace("expr: handled", "expr: 2 * handled")))
    result = project.dbt(*stored)
    assert not result.success
    assert "--full-refresh" in "".join(result.messages)
    assert result.statuses["int_metric_slices_daily"] == "error"
    assert result.statuses["int_metric_periods"] == "skipped"
    # Nor with the slices made anew, and the periods as they were.
    assert project.dbt(*stored[:3], "--full-refresh").success
    assert project.dbt(*stored).statuses["int_metric_periods"] == "error"
    assert project.dbt(*stored, "--full-refresh").success


def test_a_due_date_that_moves_leaves_nothing_on_its_former_day(new_project: Callable[..., Project]) -> None:
    def due(day: int, landed_on: int) -> None:
        write_parquet(
            project,
            "moderation.tasks",
            "select 't' as task_id, 'live' as queue_id, 'user_report' as origin, false as is_gold,"
            f" timestamp '2026-01-01 01:00:00' as enqueued_at, timestamp '2026-01-0{day} 01:00:00' as due_at,"
            " 'sample' as _source_system",
            f"2026-01-0{landed_on}",
        )

    def due_by_day() -> list[tuple[object, ...]]:
        return project.query(
            "select cast(reporting_on as varchar), sum(tasks_due) from dev_marts.mart_efficiency_daily"
            " group by all having sum(tasks_due) > 0 order by 1"
        )

    project = new_project("moved_due")
    due(day=2, landed_on=1)
    build_up_to(project, "mart_efficiency_daily")
    # The second is not over yet.
    assert due_by_day() == []
    write_parquet(
        project, "quality.audit_frames", "select 'f' as frame_id, 'sample' as _source_system where false", "2026-01-04"
    )
    due(day=2, landed_on=3)
    build_up_to(project, "mart_efficiency_daily")
    assert due_by_day() == [("2026-01-02", 1)]
    due(day=4, landed_on=5)
    build_up_to(project, "mart_efficiency_daily")
    assert due_by_day() == [("2026-01-04", 1)]


def test_a_roll_up_refuses_to_overwrite_what_was_not_read(new_project: Callable[..., Project]) -> None:
    project = new_project("partial_selection")
    row = "select 't' as task_id, 'live' as queue_id, 'user_report' as origin, false as is_gold,"
    write_parquet(
        project, "moderation.tasks", f"{row} timestamp '2026-01-01 01:00:00' as enqueued_at, 'sample' as _source_system"
    )
    build_up_to(project, "int_tasks_daily")
    write_parquet(
        project,
        "moderation.tasks",
        f"{row} timestamp '2026-01-01 02:00:00' as enqueued_at, 'sample' as _source_system",
        "2026-01-02",
    )
    project.build("--exclude-resource-type", "test", "--select", "+int_tasks", "--exclude", "log_former_task_days")
    refused = project.dbt("run", "--select", "int_tasks_daily")
    assert not refused.success
    assert "has not read" in "".join(refused.messages)
    project.build("--exclude-resource-type", "test", "--select", "log_former_task_days", "int_tasks_daily")
