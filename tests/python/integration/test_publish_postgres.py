"""A real PostgreSQL, asked over TCP with a password: what is published is what the warehouse has, or nothing is."""

import dataclasses
import json
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import psycopg
import pytest
from conftest import ROOT, Project
from served import commanded, environment, publishes

from plumbline.cli import main
from plumbline.publishing.files import reading
from plumbline.publishing.local_server import LocalServer, local_server, programs, unprivileged_user
from plumbline.publishing.outcome import passed_build
from plumbline.publishing.postgres import PublishError, connected, history, publish, rollback
from plumbline.publishing.relations import Column, Relation, postgres_type, published_relations

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def published(tiny: Project, server: LocalServer) -> Iterator[psycopg.Connection]:
    """Everything of the tiny sample, facts as well, published by the command."""
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("create database tiny")
    publishes(tiny, server.dsn(database="tiny"), "--facts")
    with psycopg.connect(server.dsn(database="tiny")) as connection:
        yield connection


def schemas(dsn: str) -> set[str]:
    with psycopg.connect(dsn) as connection:
        found = connection.execute("select nspname from pg_namespace where nspname like 'plumbline%'").fetchall()
    return {name for (name,) in found}


def test_every_row_of_every_table_is_there(published: psycopg.Connection, tiny: Project) -> None:
    tables = published.execute(
        "select table_name from information_schema.tables where table_schema = 'plumbline'"
        " and table_name not like 'access_%' and table_name <> 'entitlements'"
    )
    names = sorted(name for (name,) in tables.fetchall())
    public = json.loads((tiny.folder / "target" / "manifest.json").read_text())["nodes"].values()
    assert names == sorted(
        node["name"] for node in public if node["resource_type"] == "model" and node["access"] == "public"
    )
    assert len(names) > 50
    for name in names:
        schema = "dev_reports" if name.startswith("rpt_") else "dev_marts"
        columns = ", ".join(f'"{name}"' for (name, *_) in tiny.query(f"describe {schema}.{name}"))
        theirs = Counter(published.execute(f"select {columns} from plumbline.{name}").fetchall())
        assert theirs == Counter(tiny.query(f"select {columns} from {schema}.{name}")), name


def test_types_keys_and_words_are_declared(published: psycopg.Connection, manifest: dict[str, Any]) -> None:
    kinds = dict(
        published.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = 'plumbline.fct_decisions'::regclass and attnum > 0"
        ).fetchall()
    )
    assert kinds["handle_seconds"] == "numeric(18,3)"
    assert kinds["decided_at"] == "timestamp without time zone"
    assert (kinds["is_gold"], kinds["queue_id"], kinds["decided_on"]) == ("boolean", "text", "date")
    keys = {}
    for table, key in published.execute(
        "select conrelid::regclass::text, array("
        " select attname::text from unnest(conkey) with ordinality as k (n, place)"
        " inner join pg_attribute on attrelid = conrelid and attnum = n order by place)"
        " from pg_constraint where contype = 'p' and connamespace = 'plumbline'::regnamespace"
    ).fetchall():
        keys[table.removeprefix("plumbline.")] = key
    declared = {
        node["name"]: node["config"]["meta"]["key"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["access"] == "public" and node["config"]["meta"].get("key")
    }
    days = {name for node in manifest["nodes"].values() if node["resource_type"] == "model"
            for name, column in node["columns"].items() if column["data_type"] == "date"}  # fmt: skip
    assert keys == {table: sorted(key, key=lambda name: name in days) for table, key in declared.items()}, "days last"
    (references,) = published.execute(
        "select count(*) from pg_constraint where contype = 'f' and connamespace = 'plumbline'::regnamespace"
        " and convalidated"
    ).fetchone() or (0,)
    assert references > 80
    silent = published.execute(
        "select relname, attname from pg_attribute inner join pg_class on pg_class.oid = attrelid"
        " where relnamespace = 'plumbline'::regnamespace and relkind = 'r' and attnum > 0"
        " and col_description(attrelid, attnum) is null and relname not like 'access_%'"
    ).fetchall()
    assert silent == []


@pytest.mark.parametrize(
    "kind", ["UBIGINT", "HUGEINT", "STRUCT(a INTEGER)", "MAP(VARCHAR, INTEGER)", "VARCHAR[]", "BLOB"]
)
def test_a_type_that_would_not_arrive_as_it_is_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=r"mart\.column is of type .*cast it in the model"):
        postgres_type(kind, "mart.column")


def test_only_a_build_that_passed_is_published(tiny: Project, dsn: str, new_project: Callable[..., Project]) -> None:
    project = new_project("unpublished")
    project.landing.symlink_to(tiny.landing)
    project.copy_warehouse(tiny)
    assert project.dbt("run", "--select", "dim_vendor").success
    said = commanded(project, dsn)
    assert said.returncode == 1
    assert "left out" in said.stderr
    assert schemas(dsn) == set()

    arguments = [
        sys.executable,
        "-m",
        "dbt.cli.main",
        *project.arguments("build"),
        "--exclude-resource-type",
        "unit_test",
    ]
    running = subprocess.Popen(
        arguments, cwd=ROOT, env=environment(project, dsn), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert running.stdout is not None
    next(line for line in running.stdout if "mart_efficiency_daily" in line)
    running.send_signal(signal.SIGKILL)
    running.stdout.close()
    running.wait()
    said = commanded(project, dsn)
    assert said.returncode == 1
    assert "did not end" in said.stderr
    assert schemas(dsn) == set()


def test_a_build_with_a_failure_is_not_published(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"sources": {"files": {"source_name": "landing", "schema": "landing_dev"}}}))
    with duckdb.connect() as warehouse:
        with pytest.raises(ValueError, match="does not say how its last run ended"):
            passed_build(warehouse, manifest)
        warehouse.execute("create schema landing_dev; create table landing_dev.runs as select 7::bigint as _batch")
        warehouse.execute(
            "create table landing_dev.outcomes as select 'b' as build_id, 'dbt build' as command, 0 as nodes_left_out,"
            " 45 as tests, 2 as failures, 'mart_appeals_holds' as first_failure, 7::bigint as _batch"
        )
        with pytest.raises(ValueError, match=r"failed in mart_appeals_holds and 1 more: nothing is published"):
            passed_build(warehouse, manifest)
        warehouse.execute("update landing_dev.outcomes set failures = 0")
        assert passed_build(warehouse, manifest).build_id == "b"
        warehouse.execute("update landing_dev.outcomes set tests = 0")
        with pytest.raises(ValueError, match="left out"):
            passed_build(warehouse, manifest)


def versions(number: int) -> tuple[duckdb.DuckDBPyConnection, list[Relation]]:
    """Two tables that say which version they are of, so that who reads both sees whether they are of one."""
    warehouse = duckdb.connect()
    relations = []
    for name in ("one", "other"):
        warehouse.execute(f"create table {name} as select n, {number}::bigint as version from range(2000) as t(n)")
        columns = (Column("n", "bigint", "Number."), Column("version", "bigint", "Version."))
        relations.append(Relation(name, f'"main"."{name}"', "Versions.", columns, ("n",)))
    return warehouse, relations


def published_version(dsn: str, number: int) -> None:
    warehouse, relations = versions(number)
    with warehouse:
        publish(dsn, warehouse, relations, schema="plumbline", revision=f"r{number}", build_id=f"b{number}")


class Readers:
    """Threads that read both tables again and again until they are stopped; what went wrong, and how much was read."""

    READ = "select (select max(version) from plumbline.one), (select min(version) from plumbline.other), count(*) from"

    def __init__(self, dsn: str) -> None:
        self.dsn, self.ended, self.wrong, self.reads = dsn, threading.Event(), list[object](), 0
        self.threads = [threading.Thread(target=self._read) for _ in range(3)]

    def _read(self) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            while not self.ended.is_set():
                try:
                    row = connection.execute(
                        f"{self.READ} plumbline.one inner join plumbline.other using (n)"
                    ).fetchone()
                except psycopg.Error as error:
                    self.wrong.append(str(error))
                    return
                if row is None or row[0] != row[1] or row[2] != 2000:
                    self.wrong.append(row)
                self.reads += 1

    def __enter__(self) -> "Readers":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.parametrize("swaps", [10, pytest.param(50, marks=pytest.mark.long)])
def test_readers_see_one_version_or_the_next(swaps: int, dsn: str) -> None:
    published_version(dsn, 0)
    with Readers(dsn) as readers:
        for number in range(1, swaps + 1):
            published_version(dsn, number)
    assert readers.wrong == []
    assert readers.reads > swaps
    assert [each.state for each in history(dsn, "plumbline")[:3]] == ["in place", "kept", "gone"]


def test_a_publish_that_fails_leaves_the_last_one_and_nothing_else(dsn: str) -> None:
    published_version(dsn, 1)
    there = schemas(dsn)
    warehouse, relations = versions(2)
    twice = [relations[0], dataclasses.replace(relations[1], key=("version",))]
    with warehouse, pytest.raises(PublishError, match="could not create unique index"):
        publish(dsn, warehouse, twice, schema="plumbline", revision="r2", build_id="b2")
    assert schemas(dsn) == there
    assert [each.revision for each in history(dsn, "plumbline")] == ["r1"]
    published_version(dsn, 3)
    with psycopg.connect(dsn) as connection:
        assert connection.execute("select distinct version from plumbline.one").fetchall() == [(3,)]


def test_what_does_not_arrive_as_it_is_is_not_put_in_place(dsn: str) -> None:
    """As where a column is declared with fewer decimal places than it has."""
    published_version(dsn, 1)
    warehouse, relations = versions(2)
    short = dataclasses.replace(
        relations[0], columns=(relations[0].columns[0], Column("version", "numeric(18,1)", "Version."))
    )
    warehouse.execute("alter table one alter version type decimal(18, 3) using version + 0.125")
    with warehouse, pytest.raises(PublishError, match="one did not arrive as it is"):
        publish(dsn, warehouse, [short, relations[1]], schema="plumbline", revision="r2", build_id="b2")
    assert [each.revision for each in history(dsn, "plumbline")] == ["r1"]


def test_the_one_before_comes_back_and_goes_again(dsn: str) -> None:
    with pytest.raises(PublishError, match="nothing to bring back"):
        rollback(dsn, "plumbline")
    for number in (1, 2):
        published_version(dsn, number)
    for expected in (1, 2):
        assert rollback(dsn, "plumbline").revision == f"r{expected}"
        with psycopg.connect(dsn) as connection:
            assert connection.execute("select distinct version from plumbline.other").fetchall() == [(expected,)]


def recorded(dsn: str) -> set[str]:
    return {f"plumbline__{each.publish_id}" for each in history(dsn, "plumbline")}


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.long)])
def test_a_publish_that_is_killed_leaves_the_last_one_and_nothing_else(kills: int, dsn: str, tiny: Project) -> None:
    publishes(tiny, dsn)
    draw = np.random.default_rng(kills)
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(kills):
            command = [sys.executable, "-m", "plumbline.cli", "publish", "postgres"]
            running = subprocess.Popen(command, env=environment(tiny, dsn), stderr=subprocess.DEVNULL)
            time.sleep(draw.uniform(0.5, 6))
            running.kill()
            running.wait()
            read = connection.execute("select count(*) from plumbline.rpt_metric_values").fetchone()
            assert read is not None
            assert read[0] > 100_000
            # Besides what is in place, publishes that were done before the kill: the next one drops all but the last.
            assert schemas(dsn) <= {"plumbline", "plumbline__publishes", *recorded(dsn)}
            others = (
                "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
            )
            deadline = time.monotonic() + 30
            while connection.execute(others).fetchone() != (0,) and time.monotonic() < deadline:
                time.sleep(0.1)
    publishes(tiny, dsn)
    assert len({name for name in schemas(dsn) if name != "plumbline__publishes"}) == 2


def test_two_publishes_at_once_are_refused_in_words(dsn: str) -> None:
    published_version(dsn, 1)
    with psycopg.connect(dsn) as other:
        other.execute("select pg_advisory_xact_lock(7204113595)")
        with pytest.raises(PublishError, match="another publish to this database is at work"):
            published_version(dsn, 2)


def test_a_schema_of_somebody_else_is_left_alone(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("create schema plumbline")
    with pytest.raises(PublishError, match="no publish has made"):
        published_version(dsn, 1)


def test_make_bi_serves_the_marts_until_it_is_interrupted(tiny: Project, server: LocalServer) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "plumbline.publishing.demo"],
        env=environment(tiny, ""),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert running.stdout is not None
        dsn = next(line.split()[2] for line in running.stdout if line.lstrip().startswith("psql"))
        with psycopg.connect(dsn) as own:
            (rows,) = own.execute("select count(*) from plumbline.mart_queue_health").fetchone() or (0,)
        assert rows == tiny.query("select count(*) from dev_marts.mart_queue_health")[0][0]
    finally:
        running.send_signal(signal.SIGINT)
        try:
            assert running.wait(30) == 0
        finally:
            running.terminate()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn, connect_timeout=2)


def test_no_password_is_printed(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = secrets.token_urlsafe(12)
    monkeypatch.setenv("PLUMBLINE_POSTGRES_DSN", server.dsn(password=secret))
    assert main(["publish", "postgres", "--history"]) == 1
    said = capsys.readouterr()
    assert "password authentication failed" in said.err
    assert secret not in said.out + said.err


def test_the_server_is_nobody_s_but_ours_and_leaves_nothing(server: LocalServer) -> None:
    before = Path("/etc/passwd").read_text()
    with local_server() as started:
        assert started.port != server.port
        folder = started.folder
        owner = folder.owner()
        assert owner != "root" or unprivileged_user() is None
        with psycopg.connect(started.dsn()) as connection:
            shown = connection.execute(
                "select current_setting('listen_addresses'), current_setting('password_encryption')"
            )
            assert shown.fetchone() == ("127.0.0.1", "scram-sha-256")
    assert not folder.exists()
    assert Path("/etc/passwd").read_text() == before
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(started.dsn(), connect_timeout=2)


@pytest.fixture
def encrypted() -> Iterator[LocalServer]:
    """A server that offers TLS with a certificate of its own."""
    try:
        programs()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder) / "key.pem", Path(folder) / "certificate.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1",
             "-keyout", key, "-out", certificate], check=True, capture_output=True,
        )  # fmt: skip
        key.chmod(0o600)
        if user := unprivileged_user():
            for path in (Path(folder), key, certificate):
                shutil.chown(path, user)
        with local_server(["ssl=on", f"ssl_cert_file={certificate}", f"ssl_key_file={key}"]) as started:
            yield started


def test_what_is_sent_is_encrypted_where_the_server_offers_it(encrypted: LocalServer) -> None:
    for dsn in (encrypted.dsn(), f"{encrypted.dsn()}?sslmode=require"):
        with connected(dsn) as cursor:
            cursor.execute("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()")
            row = cursor.fetchone()
        assert row is not None
        assert row[0]
        assert row[1].startswith("TLSv1.")
        published_version(dsn, 1)
    assert [each.state for each in history(encrypted.dsn(), "plumbline")] == ["in place", "kept"]


def test_a_server_without_encryption_is_refused_where_it_is_required(server: LocalServer) -> None:
    with pytest.raises(PublishError, match="server does not support SSL"):
        history(f"{server.dsn()}?sslmode=require", "plumbline")


def test_readers_get_the_indexes_that_a_model_asks_for(published: psycopg.Connection) -> None:
    found = published.execute(
        "select indexdef from pg_indexes where schemaname = 'plumbline' and tablename = 'rpt_metric_values'"
    ).fetchall()
    said = " ".join(definition for (definition,) in found)
    assert "(metric_id, grain, period_start)" in said
    assert "(grain, slice_type, period_start)" in said
    assert "(metric_id, grain, scope_type, scope, slice_type, slice, period_start)" in said, "the key, days last"


def test_a_column_that_was_renamed_is_read_by_both_names(
    published: psycopg.Connection, manifest: dict[str, Any]
) -> None:
    renamed = [
        (node["name"], column["config"]["meta"]["former_name"], name)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["access"] == "public"
        for name, column in node["columns"].items()
        if "former_name" in column["config"]["meta"]
    ]
    assert renamed
    for table, old, new in renamed:
        (apart,) = published.execute(
            f'select count(*) from plumbline.{table} where "{old}" is distinct from "{new}"'
        ).fetchone() or (None,)
        assert apart == 0, (table, old)
        (said,) = published.execute(
            "select col_description(attrelid, attnum) from pg_attribute"
            f" where attrelid = 'plumbline.{table}'::regclass and attname = '{old}'"
        ).fetchone() or (None,)
        assert said == f"Former name of {new}; it goes with the next release."


def test_a_site_of_a_vendor_that_nobody_knows_is_refused_by_name(tiny: Project, dsn: str) -> None:
    """Its vendor would not be shown it, in silence."""
    with reading(tiny.warehouse) as warehouse:
        relations = published_relations(tiny.folder / "target" / "manifest.json", warehouse)
        sites, vendors = (next(each for each in relations if each.name == name) for name in ("dim_site", "dim_vendor"))
        wrong = "(select * replace (case when site_id = 'lisbon' then 'northgat' else vendor_id end as vendor_id)"
        misspelt = dataclasses.replace(sites, source=f"{wrong} from {sites.source})")
        with pytest.raises(PublishError, match=r"\(vendor_id\)=\(northgat\) is not present in table"):
            publish(dsn, warehouse, [misspelt, vendors], schema="plumbline", revision="r", build_id="b")
        publish(dsn, warehouse, [sites, vendors], schema="plumbline", revision="r", build_id="b")
