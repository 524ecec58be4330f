"""What is absent, empty, unknown or comes later: counted, and no figure of what it is not."""

from collections.abc import Callable

import duckdb
import pytest
from conftest import ROOT, Project

from plumbline.landing.contract import load_contracts

pytestmark = pytest.mark.slow


def test_absent_empty_and_bad_tables_build_and_validation_says_why(new_project: Callable[..., Project]) -> None:
    project = new_project("bare")
    # No tasks at all; decisions are empty; audits are bad throughout; nothing else landed.
    project.write("moderation.decisions", "select 'd' as decision_id, 'sample' as _source_system where false")
    bad = "select 'a' as audit_id, 'long ago' as audited_at, 'sample' as _source_system"
    project.write("quality.audits", bad)
    # Of the right types, and yet nothing to count with.
    endless = (
        "select 'r' as response_id, timestamp '2026-01-05' as asked_at, timestamp 'infinity' as answered_at,"
        " 'q' as question, cast('nan' as double) as score, cast('inf' as double) as scale_max,"
        " 'sample' as _source_system"
    )
    project.write("support.survey_responses", endless)
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
    assert project.query("select count(distinct source_table) from dev_marts.mart_data_validation") == [
        (len(list(load_contracts())),)
    ]


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
    project.build_up_to("fct_audit_frames")
    # a.parquet came an hour after b.parquet, and so corrects it.
    assert project.query("select planned_n from dev_marts.fct_audit_frames") == [(2,)]


@pytest.mark.long
def test_codes_that_nobody_lists_are_counted_and_decide_nothing(new_project: Callable[..., Project]) -> None:
    project = new_project("codes")
    at = "timestamp '2026-01-01 0{hour}:00:00'"
    project.write(
        "moderation.tasks",
        f"select 't' as task_id, 'live' as queue_id, 'user_report' as origin, false as is_gold,"
        f" {at.format(hour=1)} as enqueued_at, 'sample' as _source_system",
    )
    project.write(
        "moderation.decisions",
        f"select 'd' as decision_id, 't' as task_id, 'FULL' as automation_level, 'Remove' as outcome,"
        f" {at.format(hour=2)} as decided_at, 'sample' as _source_system",
    )
    project.write(
        "moderation.user_reports",
        # A day of its own, which nothing else touches.
        "select 'r' as report_id, 'c' as content_id, timestamp '2026-01-03 00:00:00' as reported_at,"
        " 'guidelines' as notice_type, 'ZZ' as market, 'sample' as _source_system",
    )
    asked = "mart_data_validation", "fct_user_reports", "fct_tasks", "fct_decisions"
    project.build_up_to(*asked)
    unmapped = (
        "select source_table, reason, row_count from dev_marts.mart_data_validation"
        " where status = 'unmapped' order by 1, 2"
    )
    of_decisions = [("moderation.decisions", "automation_level", 1), ("moderation.decisions", "outcome", 1)]
    assert project.query(unmapped) == [*of_decisions, ("moderation.user_reports", "market", 1)]
    assert project.query("select market from dev_marts.fct_user_reports") == [("(unmapped)",)]
    # Neither terminal, nor a measure, nor human production: what it is, nobody knows.
    assert project.query("select is_open, terminal_decision_id from dev_marts.fct_tasks") == [(True, None)]
    assert project.query("select is_production, is_enforcement_action from dev_marts.fct_decisions") == [(False, False)]

    # A code that a seed has learnt is known to what landed before.
    project.use_seeds(ROOT / "seeds")
    with (project.root / "seeds" / "reference" / "markets.csv").open("a") as stream:
        stream.write("ZZ,Nowhere\n")
    project.build_up_to(*asked)
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


@pytest.mark.long
def test_references_that_no_seed_knows_are_counted_by_file_and_kept(new_project: Callable[..., Project]) -> None:
    project = new_project("references")
    contracts = {contract.name: contract for contract in load_contracts()}
    assert {
        (name, column.name) for name, contract in contracts.items() for column in contract.columns if column.refers_to
    } == {(name, column) for name, (_, columns) in REFERRING.items() for column in columns}
    for name, (row, _) in REFERRING.items():
        project.write(name, f"select {row}, 'sample' as _source_system")
    project.build_up_to("mart_data_validation", "mart_metric_series", "fct_audits")
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
        stream.write("lounge,Lounge,2020-01-01,,86400,,false,\n")
    project.build_up_to("mart_data_validation")
    assert {reason for _, reason in project.query(unmapped)} == {
        "audited_policy_code", "final_policy_code", "language", "market", "suspected_policy_code",
    }  # fmt: skip


@pytest.mark.long
def test_hours_that_a_tool_exports_later_move_what_was_due(new_project: Callable[..., Project]) -> None:
    """The schedule of a queue: an hour from Monday 16:30 ends on Tuesday, or after a holiday on Wednesday."""
    project = new_project("hours")
    project.use_seeds(ROOT / "seeds")
    with (project.root / "seeds" / "reference" / "queues.csv").open("a") as stream:
        stream.write("counter,Counter,2020-01-01,,3600,counter,false,\n")
    project.write(
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
    causes = "select count(*) from dev_arrival.affected_task_days where cause = 'schedules'"
    due = {}
    for landed_on, table, rows in (
        ("2026-01-01", "support.schedule", opening),
        ("2026-01-02", "support.schedule_holiday", holiday.format("false")),
        ("2026-01-03", "support.schedule_holiday", holiday.format("true")),
        # The same once more is no change, and what comes back is one.
        ("2026-01-04", "support.schedule", opening),
        ("2026-01-05", "support.schedule_holiday", holiday.format("false")),
        # Once its day is over, a holiday that is deleted was one, and what was none does not become one.
        ("2026-01-07", "support.schedule_holiday", holiday.format("true")),
        ("2026-01-08", "support.schedule_holiday", holiday.format("false").replace("'h'", "'other'")),
    ):
        project.write(table, rows, landed_on)
        project.build_up_to("fct_tasks")
        ((at,),) = project.query("select due_at from dev_marts.fct_tasks")
        due[landed_on] = str(at), project.query(causes)[0][0]
    assert due == {
        "2026-01-01": ("2026-01-06 08:30:00", 0),
        "2026-01-02": ("2026-01-07 08:30:00", 1),
        "2026-01-03": ("2026-01-06 08:30:00", 2),
        "2026-01-04": ("2026-01-06 08:30:00", 2),
        "2026-01-05": ("2026-01-07 08:30:00", 3),
        "2026-01-07": ("2026-01-07 08:30:00", 3),
        "2026-01-08": ("2026-01-07 08:30:00", 3),
    }


@pytest.mark.long
def test_a_due_date_that_moves_leaves_nothing_on_its_former_day(new_project: Callable[..., Project]) -> None:
    def due(day: int, landed_on: int) -> None:
        project.write(
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
    project.build_up_to("mart_efficiency_daily")
    # The second is not over yet.
    assert due_by_day() == []
    project.write(
        "quality.audit_frames", "select 'f' as frame_id, 'sample' as _source_system where false", "2026-01-04"
    )
    due(day=2, landed_on=3)
    project.build_up_to("mart_efficiency_daily")
    assert due_by_day() == [("2026-01-02", 1)]
    due(day=4, landed_on=5)
    project.build_up_to("mart_efficiency_daily")
    assert due_by_day() == [("2026-01-04", 1)]
