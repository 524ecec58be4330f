"""Codes in landed rows that no reference seed has, as rows to complete and add to it."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path

import duckdb

from plumbline.landing.contract import Contract

# The key of each seed that codes are proposed to. Which column is of which seed, the contract says (`known_in`,
# `refers_to`); columns that are mapped to a seed later, with `(unmapped)` beside it, bear the name of its key.
KEYS = {
    "queues": "queue_id",
    "policies": "policy_code",
    "markets": "market",
    "languages": "language",
    "sites": "site_id",
    "vendors": "vendor_id",
    "root_causes": "root_cause_code",
    "experiments": "experiment_id",
    "time_zone_aliases": "alias",
}


@dataclass(frozen=True)
class Proposal:
    """One code that a seed has not: in how many rows it came, and a row of the seed that would hold it."""

    seed_file: Path
    code: str
    rows: int
    line: str


def proposals(
    connection: duckdb.DuckDBPyConnection, contract: Contract, seeds: Path, landed_on: dt.date
) -> list[Proposal]:
    """Rows to add to the seeds under `seeds` for codes in `typed_rows` that they have not, most frequent first.

    A seed that is not there proposes nothing. Names repeat the code and validity begins on `landed_on`; what else a row
    says is for people to fill in.
    """
    found: dict[tuple[Path, str], int] = {}
    headers: dict[Path, tuple[str, list[str]]] = {}
    for column, seed in _seeds_of(contract).items():
        key, files = KEYS[seed], sorted(seeds.rglob(f"{seed}.csv"))
        if not files:
            continue
        with files[0].open(newline="", encoding="utf-8") as stream:
            reader = csv.DictReader(stream)
            known = {row[key] for row in reader} | (_zones(connection) if seed == "time_zone_aliases" else set())
            headers[files[0]] = key, list(reader.fieldnames or [])
        counted = connection.execute(
            f'select "{column}", count(*) from typed_rows where _reasons is null and "{column}" is not null group by 1'
        ).fetchall()
        for code, rows in counted:
            if code not in known:
                found[files[0], code] = found.get((files[0], code), 0) + rows
    return [
        Proposal(file, code, rows, _line(code, *headers[file], landed_on))
        for (file, code), rows in sorted(found.items(), key=lambda item: (item[0][0], -item[1], item[0][1]))
    ]


def _seeds_of(contract: Contract) -> dict[str, str]:
    """The columns of codes that a seed should have, with the seed."""
    if contract.source == "benchmarks":
        return {}
    by_name = {key: seed for seed, key in KEYS.items()} | {"time_zone": "time_zone_aliases"}
    found = {
        column.name: column.known_in or column.refers_to or by_name.get(column.name, "") for column in contract.columns
    }
    return {column: seed for column, seed in found.items() if seed in KEYS}


def _zones(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Names of time zones that need no alias."""
    return {name for (name,) in connection.execute("select name from pg_timezone_names()").fetchall()}


def _line(code: str, key: str, header: list[str], landed_on: dt.date) -> str:
    def value(name: str) -> str:
        if name == key or name.endswith("_name"):
            return code
        return landed_on.isoformat() if name == "valid_from" else ""

    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([value(name) for name in header])
    return line.getvalue()
