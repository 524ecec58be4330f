"""Publishes to files: a DuckDB that stays open while the next build runs, and Parquet by month.

A file takes the place of the last one when it is whole; who has the last one open goes on reading it.
"""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from plumbline.landing.casts import literal
from plumbline.landing.read import quoted
from plumbline.publishing.relations import Relation
from plumbline.scratch import claim, release
from plumbline.warehouse import open_warehouse
from plumbline.writing import new_file, new_folder

MONTH = "publish_month"
RECORD = "published.json"


@contextmanager
def reading(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the warehouse and may write elsewhere.

    Raises:
        WarehouseError: when the warehouse is not there, or another process builds it.
    """
    # Says who has it, where somebody has.
    open_warehouse(warehouse, read_only=True).close()
    with duckdb.connect() as connection:
        # Its views name the catalog as DuckDB calls it, by the file.
        connection.execute(f"attach {literal(str(warehouse))} as {quoted(warehouse.stem)} (read_only)")
        connection.execute(f"use {quoted(warehouse.stem)}")
        yield connection


def publish_duckdb(
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[Relation],
    file: Path,
    *,
    schema: str,
    record: dict[str, str],
    scratch: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Write the relations as tables of a new DuckDB file, which then takes the place of `file`.

    Args:
        connection: Of `reading`.
        relations: What is published.
        file: Where.
        schema: Of the tables in it.
        record: What is said of the publish, by name, in its table `published`.
        scratch: Parent of the folder in which the file is made before it is copied to its place.
        progress: Called after each table with the number of tables done and their total.

    Returns:
        Rows written.

    Raises:
        ValueError: where `file` is there and no publish: nothing else is replaced.
    """
    require_published(file, _is_published)
    rows = 0
    file.parent.mkdir(parents=True, exist_ok=True)
    # DuckDB makes a database of no empty file, which is what a file that appears whole begins as.
    scratch.mkdir(parents=True, exist_ok=True)
    made_in = claim(scratch, str(file))
    made = made_in / file.name
    try:
        connection.execute(f"attach {literal(str(made))} as published")
        try:
            connection.execute(f"create schema published.{quoted(schema)}")
            for number, relation in enumerate(relations):
                rows += _as_table(connection, relation, f"published.{quoted(schema)}.{quoted(relation.name)}")
                progress(number + 1, len(relations))
            said = ", ".join(f"{literal(value)} as {quoted(name)}" for name, value in record.items())
            connection.execute(f"create table published.{quoted(schema)}.published as select {said}")
        finally:
            connection.execute("detach published")
        with new_file(file) as whole:
            shutil.copyfile(made, whole)
    finally:
        release(made_in)
    return rows


def require_published(file: Path, is_published: Callable[[Path], bool]) -> None:
    """Raise ValueError where `file` is there and no publish: nothing else is replaced."""
    if file.exists() and not is_published(file):
        raise ValueError(f"{file} is there and was not published: name another file, or remove it")


def _is_published(file: Path) -> bool:
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            return bool(connection.execute("from duckdb_tables() where table_name = 'published'").fetchall())
    except duckdb.Error:
        return False


def _as_table(connection: duckdb.DuckDBPyConnection, relation: Relation, table: str) -> int:
    names = ", ".join(quoted(column.name) for column in relation.columns)
    connection.execute(f"create table {table} as select {names} from {relation.source}")
    connection.execute(f"comment on table {table} is {literal(relation.description)}")
    for column in relation.columns:
        connection.execute(f"comment on column {table}.{quoted(column.name)} is {literal(column.description)}")
    if relation.key:
        connection.execute(f"alter table {table} add primary key ({', '.join(map(quoted, relation.key))})")
    counted = connection.execute(f"select count(*) from {table}").fetchone()
    return int(counted[0]) if counted else 0


def publish_parquet(
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[Relation],
    folder: Path,
    *,
    record: dict[str, str],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Write the relations as Parquet into a new folder, which then takes the place of `folder`.

    A relation is a folder of its own, with a folder `publish_month=YYYY-MM` for each month of the first day in its key;
    one without a day in its key, or without rows, is one file.

    Args:
        connection: Of `reading`.
        relations: What is published.
        folder: Where.
        record: What is said of the publish, by name, in `published.json`, beside the rows of each relation.
        progress: Called after each relation with the number of relations done and their total.

    Returns:
        Rows written.

    Raises:
        ValueError: where `folder` holds something and no publish: nothing else is replaced.
    """
    if folder.exists() and not (folder / RECORD).is_file() and (folder.is_file() or any(folder.iterdir())):
        raise ValueError(f"{folder} is there and was not published: name another folder, or remove it")
    rows: dict[str, int] = {}
    with new_folder(folder, replaces=True) as made:
        for number, relation in enumerate(relations):
            rows[relation.name] = _as_parquet(connection, relation, made / relation.name)
            progress(number + 1, len(relations))
        said = json.dumps({**record, "rows": rows}, indent=2)
        (made / RECORD).write_text(said + "\n", encoding="utf-8")
    return sum(rows.values())


def _as_parquet(connection: duckdb.DuckDBPyConnection, relation: Relation, folder: Path) -> int:
    folder.mkdir()
    names = ", ".join(quoted(column.name) for column in relation.columns)
    days = [column.name for column in relation.columns if column.kind == "date" and column.name in relation.key]
    rows = connection.execute(f"select count(*) from {relation.source}").fetchone()
    # Of no rows DuckDB would write no file, and nobody could read its columns.
    if days and rows != (0,):
        month = f"{names}, strftime({quoted(days[0])}, '%Y-%m') as {MONTH}"
        target, options = folder, f"format parquet, compression zstd, partition_by ({MONTH})"
    else:
        month, target, options = names, folder / f"{relation.name}.parquet", "format parquet, compression zstd"
    written = connection.execute(
        f"copy (select {month} from {relation.source}) to {literal(str(target))} ({options})"
    ).fetchone()
    return int(written[0]) if written else 0
