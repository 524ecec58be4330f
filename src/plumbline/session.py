"""dbt-duckdb plugin of a build's session: its spill folder, its batch, and the inventory of the landing.

Jinja reaches it through `adapter.store_relation('session', relation, [], step, '', request)`; `store` answers in
`request`.
"""

import datetime as dt
import json
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import TargetConfig
from dbt_common.exceptions import DbtRuntimeError

from plumbline import clock
from plumbline.landing import inventory, ledger
from plumbline.landing.inventory import Inventory, LandedFile, Rules
from plumbline.landing.read import quoted
from plumbline.scratch import ScratchInUseError, claim, release
from plumbline.warehouse import WarehouseError, open_warehouse

FILE_COLUMNS = {
    "source_table": "varchar",
    "landed_file": "varchar",
    "size_bytes": "bigint",
    "modified_ns": "bigint",
    "changed_ns": "bigint",
    "sha256": "varchar",
    "row_count": "bigint",
    "is_sample": "boolean",
    "is_rejected": "boolean",
    "columns_": "varchar",
    "landed_on": "date",
    "_batch": "bigint",
}


class Plugin(BasePlugin):
    """One per warehouse that this process has open."""

    connection: duckdb.DuckDBPyConnection | None = None
    probe: duckdb.DuckDBPyConnection | None = None
    taken: Inventory | None = None
    batch = 0

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:
        """Give this process a spill folder of its own; say in one line who has the warehouse, if someone has."""
        parent = Path(str(config.get("temp_directory") or "data/spill"))
        try:
            folder = claim(parent, creds.path)
        except ScratchInUseError as error:
            raise DbtRuntimeError(str(error)) from None
        except OSError as error:
            why = f"{parent}: cannot hold a spill folder ({error.strerror}); set PLUMBLINE_SPILL to one that can"
            raise DbtRuntimeError(why) from None
        config["temp_directory"] = str(folder)
        # With dbt's environment, or the process: a program may run dbt again and again.
        weakref.finalize(self, release, folder)
        try:
            # dbt connects to the same instance right after; without this it would print a traceback instead.
            self.probe = open_warehouse(Path(creds.path), config)
        except WarehouseError as error:
            raise DbtRuntimeError(str(error)) from None

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Know the batch before any model is rendered."""
        self.connection = conn
        if self.probe is not None:
            self.probe.close()
        self.batch = _next_batch(conn)

    def configure_cursor(self, cursor: Any) -> None:
        """Hand the batch of this run to every cursor."""
        cursor.execute("set variable plumbline_batch = $1", [self.batch])

    def store(self, target_config: TargetConfig) -> None:
        """Take the inventory that `request` asks for, or keep the one taken in the schema of `relation`."""
        step, request = target_config.location.path if target_config.location else "", target_config.config
        assert self.connection is not None
        schema = str(target_config.relation.schema)
        with self.connection.cursor() as cursor:
            if step == "take":
                self._take(cursor, schema, request)
            else:
                self._keep(cursor, schema)

    def _take(self, cursor: duckdb.DuckDBPyConnection, schema: str, request: dict[str, Any]) -> None:
        former = _former(cursor, schema)
        latest = clock.now().date() + dt.timedelta(days=int(request["tolerance_days"]))
        rules = Rules(
            tables=request["tables"],
            ignored=request["ignored"],
            # What was there before a clock was set back stays there.
            latest=max([latest, *(file.landed_on for file in former.values())]),
            accept_loss=bool(request["accept_loss"]),
            default_source_system=request["source_system"],
        )
        self.taken = inventory.take(Path(request["root"]), former, rules)
        request["problems"], request["warnings"] = self.taken.problems, self.taken.warnings
        kinds = {file.is_sample for file in self.taken.files.values() if file.is_sample is not None}
        request["is_sample"] = kinds.pop() if len(kinds) == 1 else None
        were = {file.is_sample for file in former.values() if file.is_sample is not None}
        request["was_sample"] = were.pop() if len(were) == 1 else None

    def _keep(self, cursor: duckdb.DuckDBPyConnection, schema: str) -> None:
        """Store files, ledger and batch, all or nothing."""
        assert self.taken is not None
        self.batch = _next_batch(cursor)
        files = [replace(file, batch=file.batch or self.batch) for _, file in sorted(self.taken.files.items())]
        cursor.execute("begin")
        cursor.execute(f"create schema if not exists {quoted(schema)}")
        cursor.execute(
            f"create or replace table {quoted(schema)}.runs as select cast({self.batch} as bigint) as _batch"
        )
        if files != list(_former(cursor, schema).values()) or not files:
            _replace(cursor, f"{quoted(schema)}.files", FILE_COLUMNS, [_as_row(file) for file in files])
        if len(self.taken.ledger) != _count(cursor, schema, "ledger"):
            _replace(cursor, f"{quoted(schema)}.ledger", ledger.COLUMNS, self.taken.ledger)
        cursor.execute("commit")


def _as_row(file: LandedFile) -> dict[str, Any]:
    return {
        "source_table": file.table, "landed_file": file.file, "size_bytes": file.size, "modified_ns": file.modified_ns,
        "changed_ns": file.changed_ns, "sha256": file.sha256, "row_count": file.row_count, "is_sample": file.is_sample,
        "is_rejected": file.is_rejected, "columns_": file.columns, "landed_on": file.landed_on, "_batch": file.batch,
    }  # fmt: skip


def _former(cursor: duckdb.DuckDBPyConnection, schema: str) -> dict[str, LandedFile]:
    """Files as the last build left them, by their path."""
    if _count(cursor, schema, "files") is None:
        return {}
    rows = cursor.execute(
        "select landed_file, size_bytes, modified_ns, changed_ns, sha256, row_count, is_sample, columns_, _batch"
        f" from {quoted(schema)}.files order by landed_file"
    ).fetchall()
    return {row[0]: LandedFile(*row) for row in rows}


def _count(cursor: duckdb.DuckDBPyConnection, schema: str, table: str) -> int | None:
    """Rows of a table; none where it is not there."""
    there = cursor.execute(
        "select 1 from duckdb_tables()"
        " where database_name = current_database() and schema_name = $1 and table_name = $2",
        [schema, table],
    ).fetchone()
    counted = cursor.execute(f"select count(*) from {quoted(schema)}.{table}").fetchone() if there else None
    return int(counted[0]) if counted else None


def _replace(
    cursor: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]
) -> None:
    declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    cursor.execute(f"create or replace table {table} ({declared})")
    # As one value: a statement for each row takes seconds once there are thousands.
    text = json.dumps([{name: row[name] for name in columns} for row in rows], default=str)
    cursor.execute(
        f"insert into {table} select unnest(from_json($1, $2), recursive := true)", [text, json.dumps([columns])]
    )


def _next_batch(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of this run: the present instant in microseconds, or one above the last where a clock was set back.

    Models work on what stands above their own highest batch, so that a number which falls would leave rows unread.
    """
    wall = int(clock.now().replace(tzinfo=dt.UTC).timestamp() * 1_000_000)
    tables = connection.execute(
        "select distinct columns_.database_name, columns_.schema_name, columns_.table_name"
        " from duckdb_columns() as columns_"
        " inner join duckdb_tables() as tables_ using (database_oid, schema_oid, table_oid)"
        " where columns_.column_name = '_batch' and columns_.data_type = 'BIGINT'"
    ).fetchall()
    runs = [table for table in tables if table[1].startswith("landing") and table[2] == "runs"]
    last = 0
    # A warehouse of an earlier version has not kept its runs: ask what they wrote.
    for names in runs or tables:
        relation = ".".join(quoted(name) for name in names)
        counted = connection.execute(f"select max(_batch) from {relation}").fetchone()
        last = max(last, counted[0] or 0) if counted else last
    return max(wall, last + 1)
