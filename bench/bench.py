"""`make bench`: what a build costs against one hand-written script, and what a day costs once there is history.

Prints a table of ratios and, with --write, docs/performance.md. Data goes under --scratch, never into the project.
"""

import argparse
import datetime as dt
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import duckdb
from overhead import seconds_per_node
from queries import latencies

ROOT = Path(__file__).resolve().parents[1]
BYTES_PER_DECISION = {"landing": 40, "warehouses": 700}
# Above this, tables are compared by digests of their rows: `except all` of 100 million wide rows fills a disk.
EXCEPT_ALL_UP_TO = 20_000_000
# Seconds of bench/pace.sql as first measured on two cores.
PACE = {10_000_000: 9.9, 100_000_000: 94.0}
# Tables that the floor makes, and the project's of the same rows.
SAME = {
    "decisions": "dev_marts.fct_decisions",
    "int_tasks": "dev_intermediate.int_tasks",
    "int_decisions_daily": "dev_intermediate.int_decisions_daily",
    "int_tasks_daily": "dev_intermediate.int_tasks_daily",
    "int_turnaround_histogram": "dev_intermediate.int_turnaround_histogram",
}


@dataclass
class Cost:
    """What one process cost."""

    wall: float
    cpu: float
    peak_mib: float


class Failed(SystemExit):
    """A process that was measured did not end well; ends the benchmark unless it is caught."""


def measured(command: list[str], environment: dict[str, str], log: Path) -> Cost:
    """Run a process to its end and read what the system says it used.

    Raises:
        Failed: when it ends with another status than 0.
    """
    started = time.perf_counter()
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        # Negative: the signal that ended it.
        raise Failed(f"failed with status {os.waitstatus_to_exitcode(status)}, see {log}")
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@dataclass
class Bench:
    """One size of sample with its landing and warehouses under the scratch folder."""

    scratch: Path
    decisions: int
    memory: str
    has_random_ids: bool = False

    @property
    def name(self) -> str:
        return f"{self.decisions:012}{'_random_ids' if self.has_random_ids else ''}"

    @property
    def folder(self) -> Path:
        return self.scratch / f"decisions_{self.decisions}{'_random_ids' if self.has_random_ids else ''}"

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def held_back(self) -> Path:
        return self.folder / "held_back"

    @property
    def warehouse(self) -> Path:
        return self.folder / "plumbline.duckdb"

    @property
    def floor_database(self) -> Path:
        return self.folder / "floor.duckdb"

    def environment(self) -> dict[str, str]:
        return {
            "PLUMBLINE_LANDING": str(self.landing),
            "PLUMBLINE_WAREHOUSE": str(self.warehouse),
            "PLUMBLINE_SPILL": str(self.folder / "spill"),
            "PLUMBLINE_MEMORY_LIMIT": self.memory,
            "PLUMBLINE_TARGET": "dev",
        }

    def log(self, name: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{name}.log"

    def sample(self) -> Cost | None:
        """Write the sample unless it is there; nothing to measure then."""
        if (self.landing / "truths.json").exists():
            return None
        needed = sum(BYTES_PER_DECISION.values()) * self.decisions
        self.scratch.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.scratch).free
        if free < needed:
            raise SystemExit(f"{self.scratch} has {free >> 30} GiB free; {self.decisions:,} need {needed >> 30} GiB")
        plumbline = str(Path(sys.executable).parent / "plumbline")
        command = [plumbline, "sample", "--scale", str(self.decisions), "--landing", str(self.landing)]
        cost = measured(command, {}, self.log("sample"))
        if self.has_random_ids:
            self.scatter_ids()
        return cost

    def scatter_ids(self) -> None:
        """Put a hash in the place of every id of tasks, decisions and audits: nothing prunes by such ids."""
        ids = {"task_id", "root_task_id", "decision_id", "audit_id"}
        with duckdb.connect() as connection:
            for file in [
                *self.landing.glob("moderation/*/*/*.parquet"),
                *self.landing.glob("quality/audits/*/*.parquet"),
            ]:
                columns = [row[0] for row in connection.execute(f"describe from '{file}'").fetchall()]
                scattered = [f"if({name} = '', '', md5({name})) as {name}" for name in columns if name in ids]
                source = f"read_parquet('{file}', hive_partitioning = false)"
                connection.execute(
                    f"copy (select * replace ({', '.join(scattered)}) from {source})"
                    f" to '{file}.new' (format parquet, compression zstd)"
                )
                Path(f"{file}.new").rename(file)

    def dbt(self, name: str, *options: str) -> Cost:
        """A build with its data tests; unit tests belong to changes of code, not to a day's run."""
        command = [
            sys.executable, "-m", "dbt.cli.main", "build", "--exclude-resource-type", "unit_test", *options,
            "--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs"),
        ]  # fmt: skip
        return measured(command, self.environment(), self.log(name))

    def full(self) -> Cost:
        self.warehouse.unlink(missing_ok=True)
        self.dbt("parse", "--select", "int_settings")
        self.warehouse.unlink(missing_ok=True)
        return self.dbt("full")

    def landed_days(self) -> list[str]:
        return sorted({folder.name for folder in self.landing.glob("*/*/landed_on=*")})

    def hold_back(self, days: int) -> None:
        """Take the last days of landing away, so that they can arrive one by one."""
        for day in self.landed_days()[-days:]:
            for folder in list(self.landing.glob(f"*/*/{day}")):
                away = self.held_back / folder.relative_to(self.landing)
                away.parent.mkdir(parents=True, exist_ok=True)
                folder.rename(away)

    def arrive(self) -> str:
        """Let the first of the days that are held back land; return it."""
        day = min(folder.name for folder in self.held_back.glob("*/*/landed_on=*"))
        for folder in list(self.held_back.glob(f"*/*/{day}")):
            folder.rename(self.landing / folder.relative_to(self.held_back))
        return day

    def restore(self) -> None:
        """Undo what an earlier run held back or added."""
        while any(self.held_back.glob("*/*/landed_on=*")):
            self.arrive()
        for file in self.landing.glob("*/*/*/late.parquet"):
            file.unlink()

    def add_late_rows(self, day: str) -> int:
        """Beside what lands on `day`: decisions of the sixty days before, a hundredth of a day's, that come now."""
        decisions = self.landing / "moderation" / "decisions"
        earlier = [f"'{decisions}/{name}/sample.parquet'" for name in self.landed_days()[-61:-1]]
        with duckdb.connect() as connection:
            connection.execute(
                f"""
                copy (
                    select * replace (decision_id || '-late' as decision_id)
                    from read_parquet([{", ".join(earlier)}], hive_partitioning = false)
                    where hash(decision_id) % 6000 = 0
                ) to '{decisions}/{day}/late.parquet' (format parquet, compression zstd)
                """
            )
            (rows,) = connection.execute(f"select count(*) from '{decisions}/{day}/late.parquet'").fetchall()[0]
        return int(rows)

    def floor(self, memory: str | None = None) -> Cost:
        self.floor_database.unlink(missing_ok=True)
        return self.script("floor", self.floor_database, memory or self.memory)

    def pace(self) -> Cost:
        """The part of the floor that joins nothing; its database is not kept."""
        database = self.folder / "pace.duckdb"
        cost = self.script("pace", database, self.memory)
        database.unlink()
        return cost

    def script(self, name: str, database: Path, memory: str) -> Cost:
        """Run bench/{name}.sql in a process of its own."""
        program = (
            "import sys, duckdb\n"
            "c = duckdb.connect(sys.argv[1])\n"
            'c.execute("set threads = 2; set enable_progress_bar = false")\n'
            'c.execute("set memory_limit = \'" + sys.argv[2] + "\'")\n'
            'c.execute("set temp_directory = \'" + sys.argv[3] + "\'")\n'
            "c.execute('set variable landing = $1', [sys.argv[4]])\n"
            "c.execute('set variable seeds = $1', [sys.argv[5]])\n"
            "c.execute(open(sys.argv[6]).read())\n"
            "c.close()\n"
        )
        arguments = [
            str(database), memory, str(self.folder / f"{name}_spill"), str(self.landing),
            str(ROOT / "seeds" / "reference"), str(ROOT / "bench" / f"{name}.sql"),
        ]  # fmt: skip
        return measured([sys.executable, "-c", program, *arguments], {}, self.log(name))

    def differences(self) -> dict[str, int]:
        """Rows of the floor that the project has not, by table; they must be none."""
        return {theirs: self.rows_missing(theirs, ours) for theirs, ours in SAME.items()}

    def rows_missing(self, theirs: str, ours: str) -> int:
        with duckdb.connect(str(self.floor_database), read_only=True) as connection:
            columns = connection.execute(f"describe {theirs}").fetchall()
        # In the floor's types: a hash tells an integer from a bigint of the same value.
        listed = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind, *_ in columns)
        # The same rows whatever their order: count, sum and exclusive or of their hashes.
        digest = f"select count(*), sum(hash(rows)), bit_xor(hash(rows)) from (select {listed} from {{}}) as rows"
        found = []
        for database, table in ((self.floor_database, theirs), (self.warehouse, ours)):
            with duckdb.connect(str(database), read_only=True) as connection:
                found.append(connection.execute(digest.format(table)).fetchall())
        if self.decisions > EXCEPT_ALL_UP_TO:
            return 0 if found[0] == found[1] else int(found[0][0][0])
        exported = self.folder / "compared.parquet"
        with duckdb.connect(str(self.floor_database), read_only=True) as connection:
            connection.execute(f"copy (select {listed} from {theirs}) to '{exported}'")
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            sql = f"select count(*) from (from '{exported}' except all select {listed} from {ours})"
            (rows,) = connection.execute(sql).fetchall()[0]
        exported.unlink()
        assert (rows == 0) == (found[0] == found[1])
        return int(rows)


class Report:
    """Lines of a table, printed as they come and kept under the scratch folder until a page is written from them."""

    HEAD = "| decisions | what | wall s | CPU s | peak MiB | ratio |\n|---|---|---|---|---|---|"

    def __init__(self, scratch: Path, name: str) -> None:
        self.file = scratch / "results" / f"{name}.md"
        self.lines: list[str] = []

    def line(self, text: str) -> None:
        print(text, flush=True)
        self.lines.append(text)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text("\n".join(self.lines) + "\n")

    def cost(self, decisions: int, what: str, cost: Cost, ratio: str = "") -> None:
        self.line(f"| {decisions:,} | {what} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.peak_mib:,.0f} | {ratio} |")


def slowest_nodes(log: Path, most: int = 8) -> list[tuple[str, float]]:
    """The slowest nodes of a build, from dbt's own log."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(errors="replace"))
    rows = re.findall(r"(?:model|file|PASS|seed) ([\w.]+) \.*.* in ([\d.]+)s\]", text)
    return sorted(((name, float(seconds)) for name, seconds in rows), key=lambda row: -row[1])[:most]


def measure_builds(bench: Bench, floor_memory: str | None, *, resume: bool) -> None:
    """A full build beside the floor, nothing new, a day, and a day with late rows; then what BI waits for."""

    def once(name: str, run: Callable[[], Cost]) -> Cost:
        kept = bench.folder / f"{name}.json"
        if not (resume and kept.exists()):
            kept.write_text(json.dumps(asdict(run())))
        return Cost(**json.loads(kept.read_text()))

    report = Report(bench.scratch, f"builds_{bench.name}")
    written = bench.sample()
    if bench.has_random_ids:
        report.line(f"| {bench.decisions:,} | ids are random from here | | | | |")
    elif written:
        report.cost(bench.decisions, "sample", written)
    bench.restore()
    pace = once("pace", bench.pace)
    if known := PACE.get(bench.decisions):
        report.cost(bench.decisions, "pace", pace, f"{pace.wall / known:.2f} × the pace noted (bound 1.2)")
    bench.hold_back(2)
    floor = once("floor", lambda: bench.floor(floor_memory))
    report.cost(bench.decisions, f"floor, {floor_memory or bench.memory}", floor)
    full = bench.full()
    ratio = f"{full.wall / floor.wall:.2f} × floor (bound 1.5)"
    report.cost(bench.decisions, f"full build, {bench.memory}", full, ratio)
    # In a process of its own: what it uses would count as the peak of every process that this one starts.
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        found = pool.submit(bench.differences).result()
    report.line(f"| {bench.decisions:,} | rows of the floor's five tables that differ | | | | {sum(found.values())} |")
    nothing = bench.dbt("nothing")
    report.cost(bench.decisions, "nothing new", nothing, "bound 30 s")

    def net_of_nothing(what: str, cost: Cost) -> None:
        net = cost.wall - nothing.wall
        share = f"{net:.1f} s net, 1/{(full.wall - nothing.wall) / net:.0f} of full (bound 1/30 at 100 million)"
        report.cost(bench.decisions, what, cost, share)

    bench.arrive()
    net_of_nothing("one more day", bench.dbt("day"))
    late = bench.add_late_rows(bench.arrive())
    net_of_nothing(f"a day and {late:,} late rows of 60 days", bench.dbt("late"))
    bench.restore()

    profile = Report(bench.scratch, f"profile_{bench.name}")
    for run in ("full", "day"):
        for name, seconds in slowest_nodes(bench.log(run)):
            profile.line(f"| {bench.decisions:,} | {run} | {seconds:.1f} | {name} |")
    measure_queries(bench)


def measure_queries(bench: Bench) -> None:
    report = Report(bench.scratch, f"queries_{bench.name}")
    for found in latencies(bench.warehouse):
        report.line(
            f"| {bench.decisions:,} | {found.mart} | {found.rows:,} | {found.query} | {found.median_ms:.0f} |"
            f" {found.p95_ms:.0f} |"
        )


def measure_overhead(scratch: Path, decisions: int) -> None:
    """dbt's own cost a node, and that of a run with nothing new beside it."""
    bench = Bench(scratch, decisions, "8GiB")
    dbt = [sys.executable, "-m", "dbt.cli.main", "build"]

    def run(name: str, options: list[str]) -> float:
        return measured([*dbt, *options], {}, bench.log(name)).wall

    per_node, start = seconds_per_node(scratch / "overhead", run)
    nothing = bench.dbt("overhead")
    nodes = len(re.findall(r"(?:OK|PASS|WARN|NO-OP) .*\[", bench.log("overhead").read_text()))
    report = Report(scratch, "overhead")
    report.line(f"| a run of one trivial table | {start + per_node:.2f} s | |")
    report.line(f"| each further trivial table | {per_node:.3f} s | |")
    each = (nothing.wall - start) / nodes
    report.line(f"| Plumbline with nothing new, {nodes} nodes | {nothing.wall:.1f} s | {each:.3f} s a node |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scratch", type=Path, required=True, help="folder for data; never the project")
    parser.add_argument("--decisions", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--memory", default="8GiB", help="memory limit of a build (default: %(default)s)")
    parser.add_argument("--floor-memory", help="another limit for the floor, which works on whole tables at once")
    parser.add_argument("--resume", action="store_true", help="take floor and pace from an earlier run of that size")
    parser.add_argument("--random-ids", action="store_true", help="measure builds on ids by which nothing is pruned")
    parser.add_argument("--write", action="store_true", help="put all that was measured into docs/performance.md")
    arguments = parser.parse_args()
    if arguments.scratch.resolve().is_relative_to(ROOT):
        raise SystemExit("--scratch must lie outside the project")
    print(Report.HEAD, flush=True)
    for decisions in arguments.decisions:
        bench = Bench(arguments.scratch, decisions, arguments.memory, arguments.random_ids)
        measure_builds(bench, arguments.floor_memory, resume=arguments.resume)
    if arguments.decisions and not arguments.random_ids:
        measure_overhead(arguments.scratch, min(arguments.decisions))
    if arguments.write:
        write_page(arguments.scratch / "results")


TABLES = {
    "builds": Report.HEAD,
    "profile": "| decisions | run | s | node |\n|---|---|---|---|",
    "queries": "| decisions | mart | rows | question | median ms | p95 ms |\n|---|---|---|---|---|---|",
    "overhead": "| what | wall | a node |\n|---|---|---|",
    "peers": "| decisions | tool | wall s | CPU s | peak MiB | ratio | rows of the floor that differ |\n"
    + "|---" * 7
    + "|",
}


def write_page(results: Path) -> None:
    """Replace each measured table of docs/performance.md, between its marks, by what the scratch folder holds."""
    page = ROOT / "docs" / "performance.md"
    text = page.read_text()
    versions = f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, {os.cpu_count()} cores"
    measured_on = f"Measured on {dt.datetime.now(dt.UTC):%Y-%m-%d}: {versions}, {platform.machine()}."
    contents = {"machine": measured_on}
    for name, head in TABLES.items():
        rows = "".join(file.read_text() for file in sorted(results.glob(f"{name}*.md")))
        if rows:
            contents[name] = f"{head}\n{rows.rstrip()}"
    for name, content in contents.items():
        marks = (f"<!-- measured: {name} -->", f"<!-- end: {name} -->")
        before, rest = text.split(marks[0])
        text = f"{before}{marks[0]}\n{content}\n{marks[1]}{rest.split(marks[1])[1]}"
    page.write_text(text)


if __name__ == "__main__":
    main()
