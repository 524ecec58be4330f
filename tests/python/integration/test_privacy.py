"""People: keys are salted hashes, and neither the salt nor an id nor a name leaves its layer."""

import hashlib
from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from conftest import Project

from plumbline.landing.contract import load_contracts

SALT = "a-salt-that-occurs-nowhere-else-7f3a9c"
PEOPLE = ["moderator-anna-0815", "auditor-ben-4711", "rater-cleo-1234", "account-dora-9876", "note-about-emil-5555"]


def land(project: Project, table: str, **columns: str) -> None:
    folder = project.landing.joinpath(*table.split("."), "landed_on=2026-01-05")
    folder.mkdir(parents=True, exist_ok=True)
    body = ", ".join(f"{value} as {name}" for name, value in columns.items())
    duckdb.sql(f"copy (select {body}, 'ours' as _source_system) to '{folder / 'file.parquet'}' (format parquet)")


@pytest.fixture(scope="module")
def salted(new_project: Callable[..., Project]) -> Project:
    """A build of real data with people in every personal column that a model reads."""
    anna, ben, cleo, dora, emil = (f"'{name}'" for name in PEOPLE)
    project = new_project("salted", salt=SALT)
    land(
        project, "moderation.tasks", task_id="'t1'", account_id=dora, queue_id="'live'", origin="'user_report'",
        is_gold="false", enqueued_at="timestamp '2026-01-01 00:00:00'",
    )  # fmt: skip
    land(
        project, "moderation.decisions", decision_id="'d1'", task_id="'t1'", moderator_id=anna,
        automation_level="'none'", decided_at="timestamp '2026-01-01 01:00:00'", outcome="'remove'",
    )  # fmt: skip
    land(
        project, "quality.audits", audit_id="'a1'", decision_id="'d1'", sample_design="'random'",
        inclusion_probability="0.1::double", review_mode="'open'", audit_round="1::bigint", auditor_id=ben,
        auditor_type="'lead'", audited_at="timestamp '2026-01-02 00:00:00'", audited_outcome="'remove'", notes=emil,
    )  # fmt: skip
    land(
        project, "quality.calibration_ratings", session_id="'s'", item_id="'i'", rater_id=cleo, round="1::bigint",
        label="'remove'", is_reference="false",
    )  # fmt: skip
    land(
        project, "workforce.moderators", moderator_id=anna, valid_from="date '2025-01-01'", site_id="'dublin'",
        vendor_id="'in_house'", team_id="'a'", role="'moderator'", languages="'en'", hired_on="date '2025-01-01'",
    )  # fmt: skip
    land(
        project, "support.ticket", id="'z1'", created_at="timestamp '2026-01-01 00:00:00'", status="'new'",
        assignee_id=anna, requester_id=dora, subject=emil,
    )  # fmt: skip
    land(
        project, "workforce.activity", moderator_id=anna, activity_on="date '2026-01-01'",
        **{f"{part}_seconds": "60::decimal(18, 3)" for part in (
            "scheduled", "paid", "handling", "idle", "training", "meeting", "break", "wellness", "system_down",
            "planned_leave", "unplanned_absence",
        )},
    )  # fmt: skip
    land(
        project, "support.ticket_field_history", ticket_id="'z1'", field_name="'status'", event_id="'e1'", value=emil,
        user_id=dora, updated="timestamp '2026-01-01 00:00:00'",
    )  # fmt: skip
    at = "timestamp '2026-01-01 02:00:00'"
    land(
        project, "workforce.coaching_sessions", coaching_id="'k1'", moderator_id=anna, coach_id=ben, coached_at=at,
        topic="'policy'",
    )  # fmt: skip
    land(project, "workforce.training_completions", moderator_id=anna, module="'m1'", completed_at=at)
    land(
        project, "moderation.queue_configurations", queue_id="'live'", setting="'auto_assign'", value="'true'",
        changed_at=at, changed_by=ben,
    )  # fmt: skip
    land(
        project, "actions.management_actions", action_id="'x1'", opened_at=at, owner=ben, department="'ops'",
        kind="'coaching'", metric="'audit_accuracy'", expected_change="0.01::double", due_on="date '2026-02-01'",
        status="'open'",
    )  # fmt: skip
    land(
        project, "experiments.assignments", experiment_id="'e1'", unit_type="'moderator'", unit_id=anna,
        variant="'control'",
    )  # fmt: skip
    land(project, "support.user", id=anna, name=emil, role="'agent'")
    land(
        project, "support.ticket_comment", id="'c1'", ticket_id="'z1'", user_id=anna, created_at=at, is_public="true",
        body=emil,
    )  # fmt: skip
    land(
        project, "support.survey_responses", response_id="'r1'", ticket_id="'z1'", asked_at=at, question="'csat'",
        scale_max="5::double", comment=emil,
    )  # fmt: skip
    project.build()
    for filled in (
        "fct_moderator_days", "fct_ticket_events", "fct_audits", "fct_calibration_ratings", "fct_coaching_sessions",
        "fct_training_completions", "fct_configuration_changes", "fct_management_actions", "fct_experiment_units",
        "fct_survey_responses",
    ):  # fmt: skip
        assert project.query(f"select count(*) from dev_marts.{filled}") == [(1,)]
    return project


def published(project: Project) -> list[tuple[str, str]]:
    return [
        (str(schema), str(name))
        for schema, name in project.query(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema in ('dev_marts', 'dev_reports') order by all"
        )
    ]


def test_a_person_key_is_the_salted_hash(salted: Project) -> None:
    expected = hashlib.sha256((SALT + PEOPLE[0]).encode()).hexdigest()
    assert salted.query("select moderator_key from dev_marts.fct_decisions") == [(expected,)]


def test_the_salt_is_in_no_artifact_log_or_table(salted: Project) -> None:
    searched = 0
    for folder in ("target", "logs"):
        for file in (salted.folder / folder).rglob("*"):
            if file.is_file():
                searched += 1
                assert SALT.encode() not in file.read_bytes(), f"{file} holds the salt"
    assert searched > 50
    assert SALT.encode() not in salted.warehouse.read_bytes()
    # DuckDB may store text compressed, where a search of bytes sees nothing: look into every text of every table.
    assert found_in(salted, SALT, "dev_%") == []


def test_the_search_finds_what_is_there(salted: Project) -> None:
    assert found_in(salted, PEOPLE[0], "dev_staging") != []


@pytest.mark.parametrize("person", PEOPLE)
def test_no_mart_holds_an_id_or_a_name(person: str, salted: Project) -> None:
    assert len(published(salted)) > 15
    assert found_in(salted, person, "dev_marts") == []
    assert found_in(salted, person, "dev_reports") == []


def found_in(project: Project, text: str, schemas: str) -> list[str]:
    """Columns of text in which `text` occurs; each table is read once."""
    tables: dict[str, list[str]] = {}
    for schema, table, column in project.query(
        "select table_schema, table_name, column_name from information_schema.columns"
        f" where table_schema like '{schemas}' and data_type = 'VARCHAR' order by all"
    ):
        tables.setdefault(f"{schema}.{table}", []).append(str(column))
    found = []
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        for table, columns in tables.items():
            holds = ", ".join(f"bool_or(contains(\"{column}\", '{text}'))" for column in columns)
            row = connection.execute(f"select {holds} from {table}").fetchall()[0]
            found += [f"{table}.{column}" for column, held in zip(columns, row, strict=True) if held]
    return found


def test_no_mart_has_a_personal_column(tiny: Project) -> None:
    personal = {column.name for contract in load_contracts() for column in contract.columns if column.personal} - {
        "id",
        "value",
    }  # a name of its own in marts would be ticket_id or setting_value
    columns = tiny.query(
        "select distinct column_name from information_schema.columns where table_schema in ('dev_marts', 'dev_reports')"
    )
    assert {name for (name,) in columns} & personal == set()


def test_real_data_without_a_salt_is_refused(salted: Project, new_project: Callable[..., Project]) -> None:
    project = new_project("saltless")
    (project.folder / "landing").symlink_to(salted.landing)
    result = project.dbt("build")
    assert not result.success
    assert "PLUMBLINE_SALT is not set" in "\n".join(result.messages)
    assert not project.warehouse.exists() or project.query("select 1 from information_schema.tables") == []


def test_a_changed_salt_is_refused_also_when_one_model_is_made_anew(salted: Project) -> None:
    salted.salt = "another"
    try:
        result = salted.dbt("run", "--full-refresh", "--select", "int_people")
    finally:
        salted.salt = SALT
    assert not result.success
    assert "PLUMBLINE_SALT is not the one" in "\n".join(result.messages)


def test_a_changed_salt_is_refused_and_the_old_one_goes_on(salted: Project) -> None:
    salted.salt = "another"
    try:
        result = salted.dbt("build")
    finally:
        salted.salt = SALT
    assert not result.success
    message = "\n".join(result.messages)
    assert "PLUMBLINE_SALT is not the one" in message
    assert "--full-refresh" in message
    salted.build("--exclude-resource-type", "test")


def test_person_level_marts_are_private(manifest: dict[str, Any]) -> None:
    nodes = manifest["nodes"].values()
    keyed = {
        node["name"] for node in nodes
        if node["resource_type"] == "model" and node["config"]["meta"].get("key", [""])[0] == "moderator_key"
    }  # fmt: skip
    private = {node["name"] for node in nodes if node["resource_type"] == "model" and node["access"] == "private"}
    assert keyed <= private
    assert {"dim_moderator", "fct_moderator_days"} <= private
    assert all(node["group"] == "people" for node in nodes if node["name"] in private)
