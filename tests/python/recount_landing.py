"""Landed Parquet read and judged by the written contract, with nothing of the models or macros.

Follows docs/landing.md: a value that cannot be typed, a missing one that must be there, and an impossible row are
left out; of the rows of a key the one that arrived last holds; codes outside their list read (unmapped).
"""

from pathlib import Path
from typing import Any

import duckdb
import jinja2
import yaml

ROOT = Path(__file__).resolve().parents[2]

SEEDS = ("queues", "markets", "languages", "policies", "sites", "rates", "exchange_rates")

# Reference lists that a landed code is looked up in, by the column of the seed.
LISTS = {"queues": "queue_id", "markets": "market", "languages": "language", "policies": "policy_code"}


def contract(kind: str, name: str) -> dict[str, Any]:
    """The one table or seed of a contract file."""
    raw = (ROOT / "contracts" / kind / f"{name}.yml").read_text()
    variables = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    text = yaml.safe_load(jinja2.Template(raw).render(var=variables.__getitem__))
    return dict(text["seeds"][0] if kind == "seeds" else text["sources"][0]["tables"][0])


def read_seed(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """A table `seed_<name>` of a reference CSV, typed by its contract."""
    types = contract("seeds", name)["config"]["column_types"]
    columns = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in types.items())
    file = ROOT / "seeds" / "reference" / f"{name}.csv"
    connection.execute(
        f"create table seed_{name} as select {columns} from read_csv('{file}', header = true, all_varchar = true)"
    )


def read_landed(connection: duckdb.DuckDBPyConnection, landing: Path, source: str, name: str) -> None:
    """A table `<name>` of the rows that hold, with `_landed_on`; no table of the landing is read but this one."""
    table = contract(source, name)
    meta = table["config"]["meta"]
    columns = {column["name"]: column for column in table["columns"]}
    types = {column: spec["data_type"] for column, spec in columns.items()}
    settings = {column: spec.get("config", {}).get("meta", {}) for column, spec in columns.items()}

    files = landing / source / name / "*" / "*.parquet"
    landed = connection.execute(
        f"describe select * from read_parquet('{files}', hive_partitioning = true, union_by_name = true)"
    ).fetchall()
    present = {row[0] for row in landed}

    texts, typed, faults = [], [], []
    for column, kind in types.items():
        # Empty text is missing, but for a nullable text, where it may be said.
        text = f"cast({column} as varchar)" if column in present else "cast(null as varchar)"
        keeps_empty = kind == "varchar" and settings[column].get("nullable")
        texts.append(f"{text} as {column}" if keeps_empty else f"nullif({text}, '') as {column}")
        value = f"try_cast({column} as {kind})"
        if kind == "timestamp":
            # A text with an offset is converted, one without is UTC, which the session's time zone is.
            value = f"cast(try_cast({column} as timestamptz) at time zone 'UTC' as timestamp)"
        typed.append(f"{value} as {column}")
        faults.append(f"{column} is not null and {value} is null")
        if not settings[column].get("nullable"):
            faults.append(f"{column} is null")

    impossible = [f"coalesce({rule['when']}, false)" for rule in meta.get("impossible", [])]
    key = ", ".join(meta["key"])
    day = f"coalesce(year({meta['event']}) not between 1990 and 2199, false)"
    connection.execute(f"""
        create table "{name}" as
        with read as (
            select {", ".join(texts)}, landed_on, _landed_at, filename, file_row_number
            from read_parquet(
                '{files}', hive_partitioning = true, union_by_name = true, filename = true, file_row_number = true
            )
        ), typed as (
            select {", ".join(typed)}, landed_on as _landed_on, _landed_at, filename, file_row_number
            from read
            where not ({" or ".join(faults)})
        ), possible as (
            select * from typed where not ({" or ".join([*impossible, day])})
        )
        select * exclude (_landed_at, filename, file_row_number)
            replace ({", ".join(codes(settings)) or "_landed_on as _landed_on"})
        from possible
        qualify row_number() over (
            partition by {key} order by _landed_on desc, _landed_at desc, filename desc, file_row_number desc
        ) = 1
    """)


def codes(settings: dict[str, dict[str, Any]]) -> list[str]:
    """What a coded column reads: (unmapped) for a code that its enumeration has not."""
    listed = []
    for column, meta in settings.items():
        if "values" in meta:
            values = ", ".join(f"'{value}'" for value in meta["values"])
            listed.append(
                f"case when {column} is null or {column} in ({values}) then {column} else '(unmapped)' end as {column}"
            )
    return listed


def known(expression: str, seed: str, missing: str = "(unmapped)") -> str:
    """SQL of a code as a slice reads it: itself where the seed has it, `missing` for none, else (unmapped)."""
    column = LISTS[seed]
    return (
        f"case when {expression} is null then '{missing}' "
        f"when {expression} in (select {column} from seed_{seed}) then {expression} else '(unmapped)' end"
    )
