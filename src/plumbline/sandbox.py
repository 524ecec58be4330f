"""Where SQL of others runs: expressions of a mapping, and what somebody asks of the warehouse.

Two walls, each of which holds alone. The text is parsed first, by DuckDB, and refused unless it has the shape of what
it should be. Then it runs on a connection whose configuration is locked: no file but those that the call itself
writes, no network, no extension, no variable of Python.
"""

import functools
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from plumbline.landing.casts import literal
from plumbline.people import attach_people
from plumbline.warehouse import open_warehouse

_Config = dict[str, str | bool | int | float | list[str]]
# Nothing that was not asked for: neither variables of the Python that runs, nor extensions.
CLOSED: _Config = {
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
LOCKED: _Config = {**CLOSED, "enable_external_access": False, "lock_configuration": True}

# Parts of an expression over the columns of one row. What is not here (subqueries, stars, parameters) is refused.
PARTS = {
    "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "LAMBDA",
    "LAMBDA_REF", "OPERATOR", "TYPE", "WINDOW",
}  # fmt: skip
# Functions of the session and the machine, by what their names say: a later DuckDB, or an extension, has others.
OUTSIDE = re.compile(
    r"env$|setting|secret|variable|extension|query|^(read|write|sniff|load|import|export|copy|http)_"
    r"|(^|_)(scan|glob|url|file)$"
)
# Table functions that make rows from their arguments, or say what a warehouse has. Others read files, run texts as SQL
# or tell of the machine; one that a later DuckDB adds is refused until it is known here.
TABLE_FUNCTIONS = {
    "duckdb_columns", "duckdb_constraints", "duckdb_functions", "duckdb_keywords", "duckdb_schemas", "duckdb_tables",
    "duckdb_types", "duckdb_views", "generate_series", "histogram", "histogram_values", "json_each", "json_tree",
    "pg_timezone_names", "pragma_show", "pragma_table_info", "range", "repeat", "summary", "unnest",
}  # fmt: skip
# Views of DuckDB's own over what is refused as a function.
TOLD = {"duckdb_databases", "duckdb_logs", "pg_prepared_statements", "pg_settings", "pragma_database_list"}


_ORDERED = "select row_number() over (order by {}\n)"


class RefusedError(ValueError):
    """SQL that may not run; the message says why, and what may."""


def open_closed(spill: Path, memory_limit: str) -> duckdb.DuckDBPyConnection:
    """A database in memory that spills to `spill`. It may still read files: `lock` it before SQL of others runs."""
    connection = duckdb.connect(config={**CLOSED, "memory_limit": memory_limit, "temp_directory": str(spill)})
    connection.execute("set timezone = 'UTC'; set threads = 2")
    return connection


def lock(connection: duckdb.DuckDBPyConnection, folder: Path | None) -> None:
    """Close `connection` for good: from here on it reaches files under `folder`, its own spill, and nothing else."""
    if folder is not None:
        connection.execute(f"set allowed_directories = [{literal(str(folder))}]")
    connection.execute("set enable_external_access = false; set lock_configuration = true")


@contextmanager
def warehouse(file: Path, people: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the warehouse at `file`, and reaches nothing else; it spills to a folder of its own.

    With `people` it reads the file of people, too.

    Raises:
        ValueError: when there is none, or another process has it.
    """
    with TemporaryDirectory(prefix="plumbline-query-") as spill:
        config: _Config = {**CLOSED, "temp_directory": spill}
        with open_warehouse(file, config, read_only=True) as connection:
            if people is not None:
                attach_people(connection, people)
            lock(connection, None)
            yield connection


def check_expression(expression: str) -> None:
    """Raise a RefusedError unless `expression` is one SQL expression over the columns of a row."""
    item = _alone(expression, "select {}", "select (\n{}\n)")
    _check_parts(item, "an expression")


def check_order(clause: str) -> None:
    """Raise a RefusedError unless `clause` is what may follow `order by`."""
    window = _alone(clause, _ORDERED)
    plain = _alone("1", _ORDERED)
    orders = window.pop("orders", None)
    plain.pop("orders")
    if window != plain or not orders:
        raise RefusedError("expressions by commas, as after `order by`, and nothing after them")
    _check_parts(orders, "order_by")


def check_query(sql: str) -> None:
    """Raise a RefusedError unless `sql` is one statement that reads tables and views of the warehouse."""
    asked = re.sub(r"^\s*explain(\s+analyze)?\s", "", sql, flags=re.IGNORECASE)
    statements = _parsed(asked)
    if statements is None or len(statements) != 1:
        raise RefusedError(
            "one statement that reads: select, from, with, describe, show or summarize, explain before it or not;"
            " a pivot names its values, as in: on market in ('FR', 'DE')"
        )
    for part in _parts(statements):
        name = str(part.get("function_name", "")).lower()
        table = str(part.get("table_name", "")).lower().strip('"')
        called = part["function"].get("function_name", "") if part.get("type") == "TABLE_FUNCTION" else None
        if called is not None and called.lower() not in TABLE_FUNCTIONS:
            known = ", ".join(sorted(TABLE_FUNCTIONS))
            raise RefusedError(
                f"{called}() is not for queries, which read tables and views of the warehouse; table functions that a"
                f" query may call: {known}"
            )
        if OUTSIDE.search(name) or table in TOLD:
            raise RefusedError(f"{name or table} is of the session or the machine; a query reads the warehouse only")


def one_line(error: duckdb.Error) -> str:
    """What DuckDB says is wrong, without the excerpt of the SQL beneath it."""
    return " ".join(str(error).split("\n\n")[0].split())


@functools.cache
def _parser() -> duckdb.DuckDBPyConnection:
    """Locked, too: DuckDB's parser opens the files of `import database`, and its error says what stands in them."""
    return duckdb.connect(config=LOCKED)


def _parsed(sql: str) -> list[Any] | None:
    """The statements of `sql` as DuckDB parses them, places left out; none where one of them is not a query.

    Raises:
        RefusedError: when it does not parse, or is nested too deeply.
    """
    with _parser().cursor() as cursor:
        row = cursor.execute("select json_serialize_sql(?::varchar)", [sql]).fetchone()
    try:
        found = json.loads(row[0] if row else "{}", object_hook=_without_place)
    except RecursionError:
        raise RefusedError("nested too deeply; split it into several columns or queries") from None
    if not found["error"]:
        return list(found["statements"])
    if found["error_type"] == "not implemented":
        return None
    raise RefusedError(f"does not parse: {' '.join(found['error_message'].split())}")


def _without_place(node: dict[str, Any]) -> dict[str, Any]:
    node.pop("query_location", None)
    return node


def _alone(text: str, *frames: str) -> Any:
    """What `text` is in the select list of each of `frames`, where it may be that one item and nothing else.

    Frames with and without brackets must agree: `1) + (2` would be one, `1 from there` the other.

    Raises:
        RefusedError: when it is more, or does not parse.
    """
    items = []
    for frame in frames:
        statements = _parsed(frame.format(text))
        if statements is None or len(statements) != 1:
            count = f"{len(statements)} " if statements else "other "
            raise RefusedError(f"one expression, not {count}statements")
        (statement,) = statements
        selected = statement["node"].pop("select_list", [])
        if statement != _bare() or len(selected) != 1 or selected[0].get("alias"):
            raise RefusedError("one expression, with no clause, name or other expression after it")
        items.append(selected[0])
    if any(item != items[0] for item in items):
        raise RefusedError("one expression, whose brackets close each other")
    return items[0]


def _bare() -> Any:
    """The statement `select …` around its list."""
    statements = _parsed("select 1")
    assert statements is not None
    statements[0]["node"].pop("select_list")
    return statements[0]


def _check_parts(item: Any, what: str) -> None:
    for part in _parts(item):
        kind = part.get("class")
        if kind == "SUBQUERY":
            raise RefusedError(f"{what} may hold no subquery: it sees the columns of its row only")
        if isinstance(kind, str) and kind not in PARTS:
            said = kind.lower().replace("_", " ")
            raise RefusedError(f"{what} may hold no {said}: it is made of columns and functions")
        name = str(part.get("function_name", "")).lower()
        if OUTSIDE.search(name) or name in _volatile():
            raise RefusedError(f"{what} may not call {name}(): its value depends on chance, the session or the machine")


def _parts(item: Any) -> Iterator[dict[str, Any]]:
    """Every node of a parsed text."""
    waiting: list[Any] = [item]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


@functools.cache
def _volatile() -> frozenset[str]:
    """Functions that have effects, or give another value at each call; but `error`, by which a mapping may refuse."""
    with _parser().cursor() as cursor:
        rows: Sequence[tuple[str]] = cursor.execute(
            "select distinct function_name from duckdb_functions() where has_side_effects or stability = 'VOLATILE'"
        ).fetchall()
    return frozenset(name.lower() for (name,) in rows) - {"error"}
