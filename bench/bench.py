"""`make bench`: what a build costs against one hand-written script, and what a day costs once there is history.

Prints a table of ratios and, with --write, docs/performance.md. Data goes under --scratch, never into the project.
"""

import argparse
import datetime as dt
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
BYTES_PER_DECISION = {"landing": 40, "warehouses": 700}
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

    @property
    def folder(self) -> Path:
        return self.scratch / f"decisions_{self.decisions}"

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
        return measured(command, {}, self.log("sample"))

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
        script = (
            "import sys, duckdb\n"
            "c = duckdb.connect(sys.argv[1])\n"
            'c.execute("set threads = 2; set memory_limit = \'" + sys.argv[2] + "\'")\n'
            'c.execute("set temp_directory = \'" + sys.argv[3] + "\'")\n'
            "c.execute('set variable landing = $1', [sys.argv[4]])\n"
            "c.execute('set variable seeds = $1', [sys.argv[5]])\n"
            "c.execute(open(sys.argv[6]).read())\n"
            "c.close()\n"
        )
        arguments = [
            str(self.floor_database), memory or self.memory, str(self.folder / "floor_spill"), str(self.landing),
            str(ROOT / "seeds" / "reference"), str(ROOT / "bench" / "floor.sql"),
        ]  # fmt: skip
        return measured([sys.executable, "-c", script, *arguments], {}, self.log("floor"))

    def differences(self) -> dict[str, int]:
        """Rows of the floor that the project has not, by table; they must be none."""
        exported = self.folder / "compared"
        shutil.rmtree(exported, ignore_errors=True)
        exported.mkdir()
        found = {}
        for theirs, ours in SAME.items():
            with duckdb.connect(str(self.floor_database), read_only=True) as connection:
                columns = [row[0] for row in connection.execute(f"describe {theirs}").fetchall()]
                listed = ", ".join(columns)
                connection.execute(f"copy (select {listed} from {theirs}) to '{exported}/theirs.parquet'")
            with duckdb.connect(str(self.warehouse), read_only=True) as connection:
                connection.execute("set preserve_insertion_order = false")
                counted = connection.execute(
                    f"""
                    select count(*) from (
                        select {listed} from '{exported}/theirs.parquet' except all select {listed} from {ours}
                    )
                    """
                ).fetchall()
            found[theirs] = counted[0][0]
        shutil.rmtree(exported)
        return found


def report_net(
    report: Callable[[int, str, Cost, str], None], decisions: int, full: Cost, nothing: Cost, what: str, cost: Cost
) -> None:
    """A run less the one with nothing new, beside the full build less the same."""
    net = cost.wall - nothing.wall
    report(decisions, what, cost, f"{net:.1f} s net, 1/{(full.wall - nothing.wall) / net:.0f} of full (bound 1/30)")


def models_by_time(log: Path, most: int = 8) -> list[tuple[str, float]]:
    """The slowest nodes of a build, from dbt's own log."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", log.read_text(errors="replace"))
    rows = re.findall(r"(?:model|file|PASS|seed) ([\w.]+) \.*.* in ([\d.]+)s\]", text)
    return sorted(((name, float(seconds)) for name, seconds in rows), key=lambda row: -row[1])[:most]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scratch", type=Path, required=True, help="folder for data; never the project")
    parser.add_argument("--decisions", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--memory", default="8GiB", help="memory limit of a build (default: %(default)s)")
    parser.add_argument("--floor-memory", help="another limit for the floor, which works on whole tables at once")
    parser.add_argument("--compare", action="store_true", help="hold the floor's tables against the project's")
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    arguments = parser.parse_args()
    if arguments.scratch.resolve().is_relative_to(ROOT):
        raise SystemExit("--scratch must lie outside the project")
    lines = [
        "| decisions | what | wall s | CPU s | peak MiB | ratio |",
        "|---|---|---|---|---|---|",
    ]

    def report(decisions: int, what: str, cost: Cost, ratio: str = "") -> None:
        lines.append(f"| {decisions:,} | {what} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.peak_mib:,.0f} | {ratio} |")
        print(lines[-1], flush=True)

    print("\n".join(lines), flush=True)
    profiles = []
    for decisions in arguments.decisions:
        bench = Bench(arguments.scratch, decisions, arguments.memory)
        written = bench.sample()
        if written:
            report(decisions, "sample", written)
        bench.restore()
        bench.hold_back(2)
        floor = bench.floor(arguments.floor_memory)
        report(decisions, f"floor, {arguments.floor_memory or arguments.memory}", floor)
        full = bench.full()
        report(decisions, f"full build, {arguments.memory}", full, f"{full.wall / floor.wall:.2f} × floor (bound 1.5)")
        if arguments.compare:
            # In a process of its own: what it uses would count as the peak of every process that this one starts.
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                found = pool.submit(bench.differences).result()
            lines.append(f"| {decisions:,} | rows of the floor that differ | {sum(found.values())} | | | {found} |")
            print(lines[-1], flush=True)
        nothing = bench.dbt("nothing")
        report(decisions, "nothing new", nothing, "bound 30 s")
        report_day = partial(report_net, report, decisions, full, nothing)
        bench.arrive()
        report_day("one more day", bench.dbt("day"))
        late = bench.add_late_rows(bench.arrive())
        report_day(f"a day and {late:,} late rows of 60 days", bench.dbt("late"))
        bench.restore()
        profiles.append((decisions, models_by_time(bench.log("full"))))
    for decisions, slowest in profiles:
        print(f"\nslowest of the full build at {decisions:,}:")
        for name, seconds in slowest:
            print(f"  {seconds:8.2f} s  {name}")
    if arguments.write:
        write_page(lines, profiles)


def write_page(lines: list[str], profiles: list[tuple[int, list[tuple[str, float]]]]) -> None:
    versions = (
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, {os.cpu_count()} cores, {platform.machine()}"
    )
    page = [
        "# Performance",
        "",
        f"Made by `make bench` on {dt.datetime.now(dt.UTC):%Y-%m-%d}: {versions}. Single runs; read the ratios.",
        "The floor is `bench/floor.sql`: one hand-written script that makes the same facts and roll-ups, knowing that",
        "every file is here and none will come.",
        "",
        *lines,
        "",
        "## Where the time of a full build goes",
    ]
    for decisions, slowest in profiles:
        page += ["", f"At {decisions:,} decisions:", "", "| s | node |", "|---|---|"]
        page += [f"| {seconds:.1f} | {name} |" for name, seconds in slowest]
    (ROOT / "docs" / "performance.md").write_text("\n".join(page) + "\n")


if __name__ == "__main__":
    main()
