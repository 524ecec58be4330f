"""People: keys are salted hashes, and neither the salt nor an id nor a name leaves its layer."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Project

from plumbline.cli import main
from plumbline.landing.contract import load_contracts

pytestmark = pytest.mark.attack("weak secrecy")

SALT = "a-salt-that-occurs-nowhere-else-7f3a9c"
OTHER_SALT = "another-that-occurs-nowhere-else-58d21b"
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


@pytest.fixture(scope="module")
def saltless(new_project: Callable[..., Project]) -> Project:
    return new_project("saltless")


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
    assert salted.query("select moderator_key from dev_marts.fct_decision_people") == [(expected,)]


def test_the_salt_is_in_no_artifact_log_or_table(salted: Project) -> None:
    searched = 0
    for folder in ("target", "logs"):
        for file in (salted.folder / folder).rglob("*"):
            if file.is_file():
                searched += 1
                assert SALT.encode() not in file.read_bytes(), f"{file} holds the salt"
    assert searched > 50
    for file in (salted.warehouse, salted.people):
        assert SALT.encode() not in file.read_bytes()
    # DuckDB may store text compressed, where a search of bytes sees nothing: look into every text of every table.
    assert found_in(salted, SALT, "dev_%") == []


def test_the_search_finds_what_is_there(salted: Project) -> None:
    assert found_in(salted, PEOPLE[0], "dev_staging") != []
    assert "people.dev_intermediate.int_people.person_id" in found_in(salted, PEOPLE[0], "dev_intermediate")


@pytest.mark.parametrize("person", PEOPLE)
def test_no_mart_holds_an_id_or_a_name(person: str, salted: Project) -> None:
    assert len(published(salted)) > 15
    assert found_in(salted, person, "dev_marts") == []
    assert found_in(salted, person, "dev_reports") == []


def found_in(project: Project, text: str, schemas: str) -> list[str]:
    """Columns of text in which `text` occurs; each table is read once."""
    tables: dict[str, list[str]] = {}
    for schema, table, column in project.query(
        "select table_catalog || '.' || table_schema, table_name, column_name from information_schema.columns"
        f" where table_schema like '{schemas}' and data_type = 'VARCHAR' order by all"
    ):
        tables.setdefault(f"{schema}.{table}", []).append(str(column))
    found = []
    with project.connect() as connection:
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


@pytest.mark.parametrize(
    ("salt", "problem"), [("", "is not set"), ("abc", "has fewer than 16 characters")], ids=["none", "weak"]
)
def test_real_data_without_a_salt_that_is_hard_to_guess_is_refused(
    salt: str, problem: str, salted: Project, saltless: Project
) -> None:
    project = saltless
    if not project.landing.exists():
        project.landing.symlink_to(salted.landing)
    project.salt = salt
    result = project.dbt("build")
    assert not result.success
    message = "\n".join(result.messages)
    assert f"PLUMBLINE_SALT {problem}" in message
    assert 'python -c "import secrets; print(secrets.token_urlsafe(32))"' in message
    assert not project.warehouse.exists() or project.query("select 1 from information_schema.tables") == []


def test_a_changed_salt_is_refused_also_when_one_model_is_made_anew(salted: Project) -> None:
    salted.salt = OTHER_SALT
    try:
        result = salted.dbt("run", "--full-refresh", "--select", "int_people")
    finally:
        salted.salt = SALT
    assert not result.success
    assert "PLUMBLINE_SALT is not the one" in "\n".join(result.messages)


def test_a_changed_salt_is_refused_and_the_old_one_goes_on(salted: Project) -> None:
    salted.salt = OTHER_SALT
    try:
        result = salted.dbt("build")
    finally:
        salted.salt = SALT
    assert not result.success
    message = "\n".join(result.messages)
    assert "PLUMBLINE_SALT is not the one" in message
    assert "--full-refresh" in message
    salted.build("--exclude-resource-type", "test")


def test_nothing_that_is_quick_to_try_tells_the_salt(salted: Project) -> None:
    """But for keys of people themselves, whose ids stand in the base: that is why a salt must be strong."""
    (record,) = salted.query("select setting_value from dev_intermediate.int_settings where setting = 'salt_check'")
    kind, n, r, p, nonce, digest = str(record[0]).split("$")
    assert (kind, int(n), int(r), int(p)) == ("scrypt", 2**15, 8, 1)
    slow = hashlib.scrypt(SALT.encode(), salt=bytes.fromhex(nonce), n=2**15, r=8, p=1, maxmem=2**26, dklen=32)
    assert digest == slow.hex()
    for quick in (SALT, f"plumbline salt check {SALT}", SALT + nonce, nonce + SALT):
        for algorithm in ("sha256", "md5", "sha1"):
            assert found_in(salted, hashlib.new(algorithm, quick.encode()).hexdigest(), "dev_%") == []


@pytest.fixture(scope="module")
def roster(new_project: Callable[..., Project]) -> Project:
    """A built warehouse of two moderators."""
    project = new_project("roster", salt=SALT)
    arrive(project, "2026-01-05", "anna", "ben")
    return project


def arrive(project: Project, day: str, *names: str) -> None:
    """Moderators land, and are built."""
    project.write(
        "workforce.moderators",
        " union all ".join(
            f"select '{name}' as moderator_id, date '2025-01-01' as valid_from, 'dublin' as site_id,"
            " 'in_house' as vendor_id, 'a' as team_id, 'moderator' as role, 'en' as languages,"
            " date '2025-01-01' as hired_on, 'ours' as _source_system"
            for name in names
        ),
        day,
    )
    project.build_up_to("dim_moderator", "int_settings")


def keyed(project: Project) -> set[tuple[object, ...]]:
    return set(project.query("select person_id, person_key from people.dev_intermediate.int_people"))


def keys(*names: str) -> set[tuple[object, ...]]:
    return {(name, hashlib.sha256((SALT + name).encode()).hexdigest()) for name in names}


def test_a_file_of_people_of_another_salt_is_refused(roster: Project) -> None:
    saved = roster.people.read_bytes()
    with duckdb.connect(str(roster.people)) as connection:
        connection.execute("update dev_intermediate.int_people set person_key = sha256('other' || person_id)")
    result = roster.dbt("run", "--select", "int_people")
    roster.people.write_bytes(saved)
    assert not result.success
    message = "\n".join(result.messages)
    assert "made with another PLUMBLINE_SALT" in message
    assert "delete it" in message


def test_nobody_is_without_a_key_whatever_became_of_the_file_of_people(roster: Project) -> None:
    assert keyed(roster) == keys("anna", "ben")
    saved = {file: file.with_suffix(".saved") for file in (roster.warehouse, roster.people)}
    assert len(set(saved.values())) == 2
    for file, copy in saved.items():
        shutil.copy(file, copy)
    arrive(roster, "2026-01-06", "cleo")
    assert keyed(roster) == keys("anna", "ben", "cleo")
    newer = roster.folder / "newer"
    shutil.copy(roster.people, newer)
    # Older than the warehouse, then deleted, then newer: of a warehouse that was put back.
    shutil.copy(saved[roster.people], roster.people)
    arrive(roster, "2026-01-07", "dora")
    assert keyed(roster) == keys("anna", "ben", "cleo", "dora")
    roster.people.unlink()
    arrive(roster, "2026-01-08", "emil")
    assert keyed(roster) == keys("anna", "ben", "cleo", "dora", "emil")
    shutil.copy(saved[roster.warehouse], roster.warehouse)
    shutil.copy(newer, roster.people)
    arrive(roster, "2026-01-09", "fred")
    assert keyed(roster) == keys("anna", "ben", "cleo", "dora", "emil", "fred")
    assert roster.query("select count(distinct moderator_key) from dev_marts.dim_moderator") == [(8,)]


def test_a_warehouse_of_before_asks_for_a_full_refresh_that_leaves_no_map_in_it(roster: Project) -> None:
    with duckdb.connect(str(roster.warehouse)) as connection:
        connection.execute(
            f"update dev_intermediate.int_settings set setting = 'salt_digest', setting_value ="
            f" sha256('plumbline salt check {SALT}') where setting = 'salt_check'"
        )
        connection.execute("create table dev_intermediate.int_people as select 'anna' as person_id, 'k' as person_key")
    refused = roster.dbt("run")
    assert not refused.success
    assert "build it again with --full-refresh" in "\n".join(refused.messages)
    roster.build("--full-refresh", "--exclude-resource-type", "test", "--select", "+dim_moderator", "int_settings")
    assert roster.query("select table_catalog from information_schema.tables where table_name = 'int_people'") == [
        ("people",)
    ]
    assert roster.query(
        "select count(*) filter (where setting = 'salt_check'), count(*) filter (where setting = 'salt_digest')"
        " from dev_intermediate.int_settings"
    ) == [(1, 0)]  # fmt: skip


def open_to_others(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from (file for file in folder.rglob("*") if file.is_file() and file.lstat().st_mode & 0o077)


@pytest.fixture
def usual_umask() -> Iterator[None]:
    former = os.umask(0o022)
    yield
    os.umask(former)


@pytest.mark.usefixtures("usual_umask")
def test_what_a_build_and_a_land_call_leave_is_their_owners(
    roster: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    landing, rows = tmp_path / "landing", tmp_path / "rows.csv"
    rows.write_text(
        "report_id,content_id,reported_at,notice_type\nr1,c1,2026-01-01 00:00:00,guidelines\nr2,c2,never,guidelines\n"
    )
    rejected = landing / "_rejected" / "of_before.json"
    rejected.parent.mkdir(parents=True)
    rejected.write_text("{}")
    os.umask(0o022)
    assert main(
        ["land", "contract", str(rows), "--set", "table=moderation.user_reports", "--landing", str(landing)]
    ) == 0  # fmt: skip
    assert "1 landed, 1 rejected" in capsys.readouterr().out
    assert len(list(landing.rglob("*.parquet"))) >= 2
    assert list(open_to_others(landing)) == []
    # What another umask left open is closed; logs and target that dbt makes before it opens the warehouse, too.
    for file in (roster.warehouse, roster.people, roster.folder / "logs" / "dbt.log"):
        file.chmod(0o644)
    os.umask(0o022)
    assert roster.dbt("run", "--select", "int_settings").success
    for file in (roster.warehouse, roster.people):
        assert file.stat().st_mode & 0o777 == 0o600, file
    assert len(list((roster.folder / "target").rglob("*.sql"))) > 5
    assert list((roster.folder / "logs").iterdir())
    assert list(open_to_others(roster.folder / "target", roster.folder / "logs")) == []


def models_of(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_what_is_public_is_read_without_the_file_of_people(tiny: Project, manifest: dict[str, Any]) -> None:
    closed = set()
    with duckdb.connect(str(tiny.warehouse), read_only=True) as alone:
        for node in models_of(manifest):
            if node["name"].startswith(("dim_", "fct_", "mart_", "rpt_")):
                try:
                    alone.execute(f"select * from {node['schema']}.{node['name']} limit 1")
                except duckdb.BinderException:
                    closed.add(node["name"])
    # Row by row, what one person did: who may read that is given the file.
    people = {
        node["name"] for node in models_of(manifest) if node["access"] == "private" and node["name"].startswith("fct_")
    }
    assert closed == people
    assert len(closed) >= 9


def test_a_query_opens_the_file_of_people_only_where_it_must(
    tiny: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sql = "select count(distinct moderator_key) > 5 as ok from dev_marts.fct_decision_people"
    assert main(["query", sql, "--warehouse", str(tiny.warehouse)]) == 0
    assert "true" in capsys.readouterr().out
    # Views name their warehouse, so that its copy has the same name.
    alone = tmp_path / tiny.warehouse.name
    alone.symlink_to(tiny.warehouse)
    assert main(["query", "select count(*) > 5 as ok from dev_marts.fct_decisions", "--warehouse", str(alone)]) == 0
    assert "true" in capsys.readouterr().out
    assert main(["query", sql, "--warehouse", str(alone)]) == 1
    assert f"{alone}.people" in capsys.readouterr().err


def test_no_public_model_has_a_column_that_tells_people_apart(tiny: Project, manifest: dict[str, Any]) -> None:
    """By name, so that a new one fails before it holds anybody; by what it holds, whatever it is called."""
    public = [node for node in models_of(manifest) if node["access"] == "public"]
    assert len(public) > 40
    named = re.compile(r"(_key|^(moderator|auditor|rater|coach|owner|person|agent|assignee|author)(_id)?|changed_by)$")
    assert [f"{node['name']}.{name}" for node in public for name in node["columns"] if named.search(name)] == []
    with tiny.connect() as connection:
        connection.execute("create temp table keys as select person_key from people.dev_intermediate.int_people")
        held = []
        for node in public:
            texts = [name for name, column in node["columns"].items() if column["data_type"] == "varchar"]
            for name in texts:
                (count,) = connection.execute(
                    f'select count(*) from {node["schema"]}.{node["name"]} semi join keys on "{name}" = person_key'
                ).fetchall()[0]
                held += [f"{node['name']}.{name}"] if count else []
        assert held == []
        # It would be found: the private twin has one.
        assert connection.execute(
            "select count(*) > 0 from dev_marts.fct_decision_people semi join keys on moderator_key = person_key"
        ).fetchall() == [(True,)]


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
