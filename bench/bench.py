"""`make bench`: what a build costs against one hand-written script, and what a day costs once there is history.

Prints tables of ratios and, with --write, puts them into docs/performance.md. Data goes under --scratch, never into the
project.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from comparison import differing_rows
from overhead import seconds_per_node
from process import ROOT, Cost, measured
from queries import latencies
from report import RANDOM_IDS, Report, slowest_nodes, write_page
from workspace import Bench

# Seconds of bench/pace.sql as first measured on two cores.
PACE = {10_000_000: 9.9, 100_000_000: 94.0}


def measure_builds(bench: Bench, floor_memory: str | None, *, resume: bool) -> None:
    """A full build beside the floor, nothing new, a day, and a day with late rows; then what BI waits for."""

    def once(name: str, run: Callable[[], Cost]) -> Cost:
        kept = bench.folder / f"{name}.json"
        if not (resume and kept.exists() and (name != "floor" or bench.floor_database.exists())):
            kept.write_text(json.dumps(asdict(run())))
        return Cost(**json.loads(kept.read_text()))

    report = Report(bench.scratch, f"builds_{bench.name}")
    written = bench.sample()
    if bench.has_random_ids:
        report.line(f"| {bench.decisions:,} | {RANDOM_IDS} | | | | |")
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
        found = pool.submit(differing_rows, bench.floor_database, bench.warehouse).result()
    what = "rows that only the floor or the project has, of five tables"
    report.line(f"| {bench.decisions:,} | {what} | | | | {sum(found.values())} |")
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

    if bench.has_random_ids:
        return
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


if __name__ == "__main__":
    main()
