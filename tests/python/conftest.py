"""What tests share: a project on folders of its own, built by dbt in this process, and the samples."""

import datetime as dt
import fcntl
import gc
import json
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import long_page
import psycopg
import pytest

from plumbline.publishing.local_server import LocalServer, local_server, programs
from plumbline.revision import revision

ROOT = Path(__file__).resolve().parents[2]
# Of projects with real data, which need one that is hard to guess.
SALT = "of-tests-alone-Vq3X9rT7-no-secret"
REAL_DATA = ROOT.parent / "shared" / "data"

# dbt imports Python models from temporary files, whose bytecode would stay behind.
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--attack-summary", action="store_true", help="say which kinds of attack survived")
    parser.addoption("--long-page", type=Path, help="write the results of long tests to this page")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if config.getoption("--attack-summary"):
        say_attacks(terminalreporter)
    if page := config.getoption("--long-page"):
        outcomes = [
            (report.nodeid.removeprefix("tests/python/"), outcome, getattr(report, "duration", 0.0))
            for outcome in ("passed", "failed", "error", "skipped")
            for report in terminalreporter.stats.get(outcome, [])
            if ("long", True) in report.user_properties
        ]
        today = dt.datetime.now(dt.UTC).date()
        long_page.write(page, long_page.results(outcomes, revision(ROOT), today))


def say_attacks(terminalreporter: Any) -> None:
    """`make attack`: survived n of n, by kind; one that is skipped has not survived."""
    kinds: dict[str, list[bool]] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            for kind in (value for name, value in report.user_properties if name == "attack"):
                kinds.setdefault(kind, []).append(outcome == "passed")
    terminalreporter.section("attacks survived")
    for kind, results in sorted(kinds.items()):
        terminalreporter.write_line(f"{sum(results):5} of {len(results):<5} {kind}")
    total = [survived for results in kinds.values() for survived in results]
    terminalreporter.write_line(f"survived {sum(total)} of {len(total)}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if mark := item.get_closest_marker("attack"):
            item.user_properties.append(("attack", mark.args[0]))
        if item.get_closest_marker("long"):
            item.user_properties.append(("long", True))


@dataclass
class Project:
    """The dbt project of this checkout on a landing, warehouse and target folder of its own."""

    folder: Path
    salt: str = ""
    root: Path = ROOT
    disk: Path | None = None
    """Where the warehouse and what it spills lie; the project's folder unless given."""

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def warehouse(self) -> Path:
        return (self.disk or self.folder) / "warehouse.duckdb"

    @property
    def people(self) -> Path:
        """The file with the map of ids and person keys."""
        return Path(f"{self.warehouse}.people")

    def use_seeds(self, seeds: Path) -> None:
        """Go on with the reference data in `seeds`, in a project of links to this checkout."""
        self.root = self.folder / "project"
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir(parents=True)
        for name in ("dbt_project.yml", "models", "python_models", "contracts", "macros", "tests", "analyses"):
            if (ROOT / name).exists():
                (self.root / name).symlink_to(ROOT / name)
        shutil.copytree(seeds, self.root / "seeds")

    def environment(self) -> dict[str, str]:
        values = {
            "PLUMBLINE_LANDING": str(self.landing),
            "PLUMBLINE_WAREHOUSE": str(self.warehouse),
            "PLUMBLINE_SPILL": str((self.disk or self.folder) / "spill"),
            "PLUMBLINE_MEMORY_LIMIT": "4GiB",
            "PLUMBLINE_TARGET": "dev",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        if self.salt:
            values["PLUMBLINE_SALT"] = self.salt
        return values

    def arguments(self, *verb: str) -> list[str]:
        return [
            *verb,
            "--project-dir", str(self.root), "--profiles-dir", str(ROOT),
            "--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs"),
        ]  # fmt: skip

    def dbt(self, *verb: str) -> "Result":
        """Run dbt in this process; afterwards the warehouse is closed, so that others may open it."""
        # A landing that is not there stops a build; one that is empty does not.
        self.landing.mkdir(parents=True, exist_ok=True)
        kept = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("PLUMBLINE_")}
        os.environ.update(self.environment())
        here = Path.cwd()
        try:
            os.chdir(self.root)
            return self._invoke(*verb)
        finally:
            os.chdir(here)
            # A failed run leaves its connection in the cycles of its traceback.
            gc.collect()
            for name in [name for name in os.environ if name.startswith("PLUMBLINE_")]:
                del os.environ[name]
            os.environ.update(kept)

    def _invoke(self, *verb: str) -> "Result":
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        result = dbtRunner().invoke([*self.arguments(*verb), "--quiet"])
        DuckDBConnectionManager.close_all_connections()
        results = getattr(result.result, "results", None) or []
        messages = [f"{r.node.name}: {r.message}" for r in results if str(r.status) in ("error", "fail")]
        if result.exception:
            messages.append(str(result.exception))
        statuses = {r.node.name: str(r.status) for r in results}
        compiled = results[0].node.compiled_code or "" if verb[0] == "compile" and results else ""
        return Result(result.success, messages, statuses, compiled)

    def compiled(self, sql: str) -> str:
        """`sql` with the project's macros rendered."""
        result = self.dbt("compile", "--inline", sql)
        assert result.success, result.messages
        return result.compiled

    def build(self, *options: str, unit_tests: bool = False) -> None:
        """Build; dbt's unit tests ask nothing of a landing, so one build of all tests runs them."""
        without = [] if unit_tests else ["--exclude-resource-type", "unit_test"]
        result = self.dbt("build", *options, *without)
        assert result.success, "\n".join(result.messages)

    def build_up_to(self, *models: str) -> None:
        """Models and what they are made of, without tests: those may ask for models beside them."""
        self.build("--exclude-resource-type", "test", "--select", *(f"+{name}" for name in models))

    def write(self, table: str, select: str, landed_on: str = "2026-01-01") -> None:
        """Land the rows of a query as the one file of a day."""
        folder = self.landing.joinpath(*table.split("."), f"landed_on={landed_on}")
        folder.mkdir(parents=True, exist_ok=True)
        duckdb.sql(f"copy ({select}) to '{folder / 'file.parquet'}' (format parquet)")

    def copy_warehouse(self, other: "Project") -> None:
        """Go on with a copy of another project's warehouse and its file of people."""
        shutil.copy(other.warehouse, self.warehouse)
        shutil.copy(other.people, self.people)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection that reads the warehouse, and the file of people beside it where there is one."""
        connection = duckdb.connect(str(self.warehouse), read_only=True)
        if self.people.exists():
            connection.execute(f"attach '{self.people}' as people (read_only)")
        return connection

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with self.connect() as connection:
            return connection.execute(sql).fetchall()


@dataclass
class Result:
    """How a dbt invocation ended."""

    success: bool
    messages: list[str]
    statuses: dict[str, str]
    compiled: str = ""


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first of the workers makes; the others wait for it, and all only read it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done = shared / name, shared / f"{name}.done"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make(folder)
            done.touch()
    return folder


@pytest.fixture(scope="session")
def new_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Project]:
    """Makes projects on new folders, sharing one parsed manifest so that only the first pays for parsing."""
    return lambda name, **options: Project(tmp_path_factory.mktemp(name), **options)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demo sample, built; tests only read it."""
    from plumbline.sample import Scale, write_sample

    def make(folder: Path) -> None:
        write_sample(Scale.of("demo"), folder / "landing", seed=1)
        Project(folder).build()

    return Project(made_once(tmp_path_factory, "demo", make))


@pytest.fixture(scope="session")
def tiny_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The landing of the tiny sample."""
    from plumbline.sample import Scale, write_sample

    def make(folder: Path) -> None:
        write_sample(Scale.of("tiny"), folder / "landing", seed=1)

    return made_once(tmp_path_factory, "tiny_sample", make) / "landing"


@pytest.fixture(scope="session")
def tiny(tiny_sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The tiny sample, built with every test of dbt; tests only read it."""

    def make(folder: Path) -> None:
        shutil.copytree(tiny_sample, folder / "landing")
        Project(folder).build(unit_tests=True)

    return Project(made_once(tmp_path_factory, "tiny", make))


@pytest.fixture(scope="session")
def manifest(tiny: Project) -> dict[str, Any]:
    """dbt's manifest of the project."""
    return dict(json.loads((tiny.folder / "target" / "manifest.json").read_text()))


def real_file(*parts: str) -> Path:
    """A real file outside the project; the test is skipped where it is absent."""
    file = REAL_DATA.joinpath(*parts)
    if not file.exists():
        pytest.skip(f"real data not here: {'/'.join(parts)}")
    return file


@pytest.fixture(scope="session")
def server() -> Iterator[LocalServer]:
    """A PostgreSQL of these tests alone, over TCP with passwords."""
    try:
        programs()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with local_server() as started:
        yield started


@pytest.fixture
def dsn(server: LocalServer) -> Iterator[str]:
    """A database of its own."""
    name = f"bi_{secrets.token_hex(4)}"
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"create database {name}")
    yield server.dsn(database=name)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")
