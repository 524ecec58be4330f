"""Other tools on the same files for the same tables as bench/floor.sql, each as its documentation advises.

`python bench/peers/peers.py --scratch FOLDER --decisions 1000000 10000000` prints a table of ratios to the floor and
how many rows of the floor each has not. The tools are installed under the scratch folder, never into the project.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from comparison import SAME
from process import ROOT, Cost, Failed, measured
from report import Report
from workspace import Bench

HERE = Path(__file__).resolve().parent

# Bits by DuckDB's own hash, which no other library has.
OWN_TO_DUCKDB = {"people_bits"}


def statements(landing: Path) -> dict[str, str]:
    """The select of each table that the floor makes, by name, its variables filled in."""
    text = re.sub(r"--.*", "", (ROOT / "bench" / "floor.sql").read_text())
    for name, value in (("landing", landing), ("seeds", ROOT / "seeds" / "reference")):
        text = text.replace(f"getvariable('{name}')", f"'{value}'")
    return dict(re.findall(r"create table (\w+) as\s+(.*?);", text, re.DOTALL))


def with_references(select: str, names: set[str], reference: Callable[[str], str]) -> str:
    """`select` with every table of `names` that it reads, and does not itself define, replaced."""
    own = set(re.findall(r"(\w+) as \(", select))
    for name in names - own:
        select = re.sub(rf"\b(from|join)\s+{name}\b", lambda found, name=name: f"{found[1]} {reference(name)}", select)
    return select


def dbt_full_refresh(peer: "Peer") -> list[str]:
    """A dbt project in the style of public packages: a table a model, unique and not_null on the keys."""
    models = peer.folder / "models"
    models.mkdir(parents=True)
    tables = statements(peer.bench.landing)
    for name, select in tables.items():
        body = with_references(select, set(tables), lambda other: "{{ ref('" + other + "') }}")
        (models / f"{name}.sql").write_text("{{ config(materialized='table') }}\n" + body + "\n")
    keyed = "\n".join(
        f"  - name: {name}\n    columns:\n      - name: {key}\n        data_tests: [unique, not_null]"
        for name, key in (("decisions", "decision_id"), ("int_tasks", "task_id"))
    )
    (models / "models.yml").write_text(f"models:\n{keyed}\n")
    (peer.folder / "dbt_project.yml").write_text("name: peer\nprofile: peer\nmodel-paths: [models]\n")
    (peer.folder / "profiles.yml").write_text(
        "peer:\n  target: dev\n  outputs:\n    dev:\n      type: duckdb\n"
        f"      path: {peer.database}\n      threads: 2\n"
        f"      config_options: {{memory_limit: {peer.bench.memory}, temp_directory: {peer.folder}/spill,"
        " preserve_insertion_order: false}\n"
    )
    return [str(Path(sys.executable).parent / "dbt"), "build", "--project-dir", str(peer.folder), "--profiles-dir",
            str(peer.folder)]  # fmt: skip


def sqlmesh(peer: "Peer") -> list[str]:
    """A SQLMesh project: FULL models, its audits on the keys, one plan applied."""
    models = peer.folder / "models"
    models.mkdir(parents=True)
    tables = statements(peer.bench.landing)
    audits = {"decisions": "decision_id", "int_tasks": "task_id"}
    for name, select in tables.items():
        key = audits.get(name)
        audit = f", audits (unique_values(columns := ({key})), not_null(columns := ({key})))" if key else ""
        body = with_references(select, set(tables), lambda other: f"peer.{other}")
        (models / f"{name}.sql").write_text(f"MODEL (name peer.{name}, kind FULL{audit});\n\n{body}\n")
    (peer.folder / "config.yaml").write_text(
        "gateways:\n  duckdb:\n    connection:\n      type: duckdb\n"
        f"      database: {peer.database}\n      concurrent_tasks: 1\n"
        f"      connector_config: {{memory_limit: {peer.bench.memory}, temp_directory: {peer.folder}/spill,"
        " preserve_insertion_order: false, threads: 2}\n"
        "default_gateway: duckdb\nmodel_defaults: {dialect: duckdb, start: 2026-01-01}\n"
    )
    return [str(peer.tools / "bin" / "sqlmesh"), "-p", str(peer.folder), "plan", "--auto-apply", "--no-prompts"]


def frames(script: str) -> Callable[["Peer"], list[str]]:
    def command(peer: "Peer") -> list[str]:
        arguments = [str(peer.bench.landing), str(ROOT / "seeds" / "reference"), str(peer.folder / "tables")]
        return [str(peer.tools / "bin" / "python"), str(HERE / script), *arguments]

    return command


PEERS: dict[str, Callable[["Peer"], list[str]]] = {
    "dbt, full refresh": dbt_full_refresh,
    "SQLMesh": sqlmesh,
    "polars": frames("polars_tables.py"),
    "pandas": frames("pandas_tables.py"),
}


class Peer:
    """One tool at one size: its folder and database under the scratch folder."""

    def __init__(self, name: str, bench: Bench) -> None:
        self.bench = bench
        self.folder = bench.folder / "peers" / re.sub(r"\W+", "_", name)
        self.database = self.folder / "peer.duckdb"
        self.tools = bench.scratch / "peer_tools"

    def source(self, table: str) -> str:
        """Where DuckDB finds the table that this tool made."""
        file = self.folder / "tables" / f"{table}.parquet"
        if file.exists():
            return f"'{file}'"
        schema = "main" if (self.folder / "profiles.yml").exists() else "peer"
        return f"peer.{schema}.{table}"

    def differences(self) -> int:
        """Rows of the floor's roll-ups that this tool has not: columns by name, sums as numbers."""
        missing = 0
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.bench.floor_database}' as floor (read_only)")
            if self.database.exists():
                connection.execute(f"attach '{self.database}' as peer (read_only)")
            for table in (same.floor for same in SAME):
                if table in ("decisions", "int_tasks"):
                    counts = [f"(select count(*) from {name})" for name in (f"floor.{table}", self.source(table))]
                    sql = f"select abs({counts[0]} - {counts[1]})"
                else:
                    columns = connection.execute(f"describe floor.{table}").fetchall()
                    kinds = {name: kind for name, kind, *_ in columns if name not in OWN_TO_DUCKDB}
                    listed = ", ".join(f"cast({name} as {kind}) as {name}" for name, kind in kinds.items())
                    sql = (
                        f"select count(*) from (select {', '.join(kinds)} from floor.{table} except all"
                        f" select {listed} from {self.source(table)})"
                    )
                (rows,) = connection.execute(sql).fetchall()[0]
                missing += int(rows)
        return missing


def install(tools: Path) -> None:
    if not (tools / "bin" / "sqlmesh").exists():
        subprocess.run([sys.executable, "-m", "venv", str(tools)], check=True)
        locked = ["-r", str(HERE / "requirements.lock")]
        subprocess.run(
            [str(tools / "bin" / "pip"), "install", "-q", "--no-deps", "--require-hashes", *locked], check=True
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scratch", type=Path, required=True, help="folder of bench.py, which wrote sample and floor")
    parser.add_argument("--decisions", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--memory", default="8GiB")
    parser.add_argument("--resume", action="store_true", help="take the floor from bench.py's run of that size")
    parser.add_argument("--only", choices=list(PEERS), nargs="+", default=list(PEERS))
    arguments = parser.parse_args()
    install(arguments.scratch / "peer_tools")
    for decisions in arguments.decisions:
        bench = Bench(arguments.scratch, decisions, arguments.memory)
        report = Report(arguments.scratch, f"peers_{decisions:012}")
        bench.restore()
        kept = bench.folder / "floor.json"
        if arguments.resume and kept.exists() and bench.floor_database.exists():
            bench.hold_back(2)  # as bench.py does before its floor
            floor = Cost(**json.loads(kept.read_text()))
        else:
            floor = bench.floor()
        report.line(f"| {decisions:,} | floor | {floor.wall:.1f} | {floor.cpu:.1f} | {floor.peak_mib:,.0f} | 1 | |")
        for name in arguments.only:
            report.line(row(name, Peer(name, bench), floor))


def row(name: str, peer: Peer, floor: Cost) -> str:
    shutil.rmtree(peer.folder, ignore_errors=True)
    peer.folder.mkdir(parents=True)
    command = PEERS[name](peer)
    try:
        cost = measured(command, {"POLARS_MAX_THREADS": "2"}, peer.folder / "log.txt")
    except Failed as failure:
        return f"| {peer.bench.decisions:,} | {name} | {failure} | | | | |"
    line = f"| {peer.bench.decisions:,} | {name} | {cost.wall:.1f} | {cost.cpu:.1f} | {cost.peak_mib:,.0f} |"
    line += f" {cost.wall / floor.wall:.2f} × | {peer.differences()} |"
    shutil.rmtree(peer.folder)
    return line


if __name__ == "__main__":
    main()
