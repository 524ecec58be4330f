"""Publishes to an Excel workbook: reports with the definitions of their metrics, for those who have nothing else.

Cells hold values and never formulas: a name that begins with `=` stays text, also when somebody edits the cell.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import duckdb
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from plumbline.landing.read import quoted
from plumbline.publishing.files import require_published
from plumbline.publishing.relations import Relation
from plumbline.writing import new_file

MOST_ROWS = 1_048_575
TABLES = ("rpt_metric_values", "rpt_queue_review", "rpt_vendor_review", "dim_metric_target")
DEFINITIONS = ("label", "description", "numerator", "denominator", "exclusions", "unit", "owner_department", "version")
ROWS_AT_ONCE = 2_000
BOLD = Font(bold=True)
WIDEST = 60


def publish_workbook(
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[Relation],
    file: Path,
    *,
    record: dict[str, str],
    scope: tuple[str, str] | None = None,
    tables: Sequence[str] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Write a sheet about the publish, one of definitions, and one for each table; then put it in place of `file`.

    Of rpt_metric_values months and quarters are written, of one scope: all, or the one that is asked for.

    Args:
        connection: Of `reading`.
        relations: What is published, of the scope that is asked for.
        file: Where.
        record: What is said of the publish, by name.
        scope: Kind and member, where it is of one vendor or market.
        tables: Which of the relations; those of TABLES that there are unless given.
        progress: Called after each sheet with the number of sheets done and their total.

    Returns:
        Rows written, definitions apart.

    Raises:
        ValueError: for a table that is not published, or has more rows than a sheet, and where `file` is there and no
            publish: nothing else is replaced.
    """
    require_published(file, _is_published)
    by_name = {relation.name: relation for relation in relations}
    if unknown := sorted(set(tables or ()) - by_name.keys()):
        raise ValueError(f"{', '.join(unknown)} is not published{f' for {scope[0]} {scope[1]}' if scope else ''}")
    chosen = [by_name[name] for name in tables or TABLES if name in by_name]
    book, rows = Workbook(write_only=True), 0
    _about(book, record)
    _sheet(book, "definitions", by_name["dim_metric"], connection, ("metric_id", *DEFINITIONS), "true")
    for number, relation in enumerate(chosen):
        names = [column.name for column in relation.columns if column.name != "build_id"]
        where = f"grain in ('month', 'quarter') and scope_type = '{scope[0] if scope else 'all'}'"
        where = where if relation.name == "rpt_metric_values" else "true"
        rows += _sheet(book, relation.name, relation, connection, names, where)
        progress(number + 1, len(chosen))
    file.parent.mkdir(parents=True, exist_ok=True)
    with new_file(file) as made:
        book.save(made)
    return rows


def _is_published(file: Path) -> bool:
    try:
        return "build_id" in [row[0] for row in load_workbook(file, read_only=True)["about"].values]
    except (InvalidFileException, BadZipFile, KeyError, OSError):
        return False


def _about(book: Workbook, record: dict[str, str]) -> None:
    page = book.create_sheet("about")
    page.column_dimensions["A"].width = 20
    page.column_dimensions["B"].width = WIDEST
    for name, value in record.items():
        page.append([_cell(page, name, bold=True), _cell(page, value)])


def _sheet(
    book: Workbook,
    title: str,
    relation: Relation,
    connection: duckdb.DuckDBPyConnection,
    names: Sequence[str],
    where: str,
) -> int:
    """Write the rows in the order of their key; how many there are."""
    columns, order = ", ".join(map(quoted, names)), ", ".join(map(quoted, relation.key)) or "all"
    source = f"from {relation.source} where {where}"
    counted = connection.execute(f"select count(*) {source}").fetchone() or (0,)
    if counted[0] > MOST_ROWS:
        raise ValueError(f"{relation.name} has {counted[0]:,} rows, more than a sheet: publish it as Parquet or DuckDB")
    page = book.create_sheet(title)
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(names))}{int(counted[0]) + 1}"
    for place, name in enumerate(names, 1):
        page.column_dimensions[get_column_letter(place)].width = min(max(len(name) + 2, 12), WIDEST)
    page.append([_cell(page, name, bold=True) for name in names])
    for row in _rows(connection.execute(f"select {columns} {source} order by {order}")):
        page.append([_cell(page, value) for value in row])
    return int(counted[0])


def _rows(result: duckdb.DuckDBPyConnection) -> Iterable[tuple[Any, ...]]:
    while rows := result.fetchmany(ROWS_AT_ONCE):
        yield from rows


def _cell(page: WriteOnlyWorksheet, value: Any, *, bold: bool = False) -> Any:
    if not isinstance(value, str):
        return value
    made = WriteOnlyCell(page, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value))
    made.data_type = "s"
    # Shown as it is, and still text once somebody edits it.
    made.quotePrefix = value[:1] in ("=", "+", "-", "@", "\t")
    if bold:
        made.font = BOLD
    return made
