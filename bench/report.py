"""What was measured: lines as they come, kept under the scratch folder, and put into docs/performance.md."""

import datetime as dt
import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path

import duckdb
from process import ROOT, Cost

from plumbline.writing import write_text


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


TABLES = {
    "builds": Report.HEAD,
    "profile": "| decisions | run | s | node |\n|---|---|---|---|",
    "queries": "| decisions | mart | rows | question | median ms | p95 ms |\n|---|---|---|---|---|---|",
    "overhead": "| what | wall | a node |\n|---|---|---|",
    "peers": "| decisions | tool | wall s | CPU s | peak MiB | ratio | rows of the floor that differ |\n"
    + "|---" * 7
    + "|",
}


def growth(lines: list[str]) -> str:
    """How much longer ten times the decisions take, for what was measured at several sizes; ids that grow with time."""
    walls: dict[str, dict[int, float]] = {}
    for line in lines:
        decisions, what, wall = (cell.strip() for cell in line.strip("|").split("|")[:3])
        kind = re.split(r",| and ", what)[0]
        if wall:
            walls.setdefault(kind, {})[int(decisions.replace(",", ""))] = float(wall)
    rows = []
    for kind, sizes in walls.items():
        ratios = [
            f"{sizes[size * 10] / sizes[size]:.1f} ×" if {size, size * 10} <= set(sizes) else ""
            for size in (1_000_000, 10_000_000)
        ]
        if any(ratios):
            rows.append(f"| {kind} | {' | '.join(ratios)} |")
    return "\n".join(["| what | 1 M to 10 M | 10 M to 100 M |", "|---|---|---|", *rows])


RANDOM_IDS = "ids are random from here"


def by_size(rows: Iterable[str]) -> dict[str, list[str]]:
    """Rows of a table by the number of decisions that they begin with, if any; random ids are a size of their own."""
    sizes: dict[str, list[str]] = {}
    random = set()
    for row in rows:
        first = row.strip("| ").split(" |")[0].replace(",", "")
        size = first.zfill(12) if first.isdigit() else ""
        if RANDOM_IDS in row:
            random.add(size)
        sizes.setdefault(f"{size} {RANDOM_IDS}" if size in random else size, []).append(row)
    return sizes


def write_page(results: Path) -> None:
    """Replace what docs/performance.md says of the sizes that the scratch folder holds; others stay as they were."""
    page = ROOT / "docs" / "performance.md"
    text = page.read_text()

    def marks(name: str) -> tuple[str, str]:
        return f"<!-- measured: {name} -->\n", f"\n<!-- end: {name} -->"

    def put(name: str, content: str) -> None:
        nonlocal text
        begin, end = marks(name)
        before, rest = text.split(begin)
        text = f"{before}{begin}{content}{end}{rest.split(end)[1]}"

    def rows_of(name: str) -> dict[str, list[str]]:
        begin, end = marks(name)
        said = text.split(begin)[1].split(end)[0].splitlines()[2:]
        measured = [line for file in sorted(results.glob(f"{name}*.md")) for line in file.read_text().splitlines()]
        return dict(sorted({**by_size(said), **by_size(measured)}.items()))

    versions = f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, {os.cpu_count()} cores"
    sizes = sorted(by_size(row for file in results.glob("builds*.md") for row in file.read_text().splitlines()))
    measured = ", ".join(f"{int(size.split()[0]):,}{size[12:]}" for size in sizes)
    put(
        "machine",
        f"Of {measured} decisions measured on {dt.datetime.now(dt.UTC):%Y-%m-%d}: {versions}, {platform.machine()};"
        " other sizes stand as they were measured before, see Missed.",
    )
    for name, head in TABLES.items():
        if any(results.glob(f"{name}*.md")):
            put(name, "\n".join([head, *(row for rows in rows_of(name).values() for row in rows)]))
    put("growth", growth([row for size, rows in rows_of("builds").items() if RANDOM_IDS not in size for row in rows]))
    write_text(page, text)
