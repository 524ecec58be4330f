"""A workbook and a Hyper extract have what the warehouse has; what is of one vendor or market has nothing of others."""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from conftest import Project
from openpyxl.worksheet.worksheet import Worksheet
from tableauhyperapi import Connection, HyperProcess, Telemetry

from plumbline.cli import main
from plumbline.publishing.relations import Column, Relation
from plumbline.publishing.workbook import publish_workbook

pytestmark = pytest.mark.slow

SAID = ("label", "description", "numerator", "denominator", "exclusions", "unit", "owner_department", "version")
DEFINITIONS = Relation(
    "dim_metric",
    f"(select 'm' as metric_id, {', '.join(f'chr(61) as {name}' for name in SAID)})",
    "",
    (),
    ("metric_id",),
)

Publishes = Callable[..., Path]


@pytest.fixture
def publishes(tiny: Project, tmp_path: Path) -> Publishes:
    """Publish by the command; the file."""

    def run(door: str, *options: str) -> Path:
        file = tmp_path / {"duckdb": "marts.duckdb", "parquet": "marts"}.get(door, f"marts.{door}")
        where = ["--warehouse", str(tiny.warehouse), "--manifest", str(tiny.folder / "target" / "manifest.json")]
        assert main(["publish", door, "--to", str(file), *where, *options]) == 0
        return file

    return run


@pytest.fixture(scope="module")
def hyper() -> Iterator[Callable[[Path, str], list[tuple[Any, ...]]]]:
    """Ask an extract."""
    with HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters={"log_config": ""}) as server:

        def ask(file: Path, sql: str) -> list[tuple[Any, ...]]:
            with Connection(server.endpoint, str(file)) as extract:
                return [tuple(row) for row in extract.execute_list_query(sql)]

        yield ask


def rows_of(page: Worksheet) -> tuple[list[str], list[tuple[Any, ...]]]:
    head, *rows = page.iter_rows(values_only=True)
    return [str(name) for name in head], rows


def as_cells(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Values as a workbook gives them back: numbers and days, of which it knows no other kinds."""

    def cell(value: Any) -> Any:
        if isinstance(value, Decimal):
            return float(value)
        return dt.datetime.combine(value, dt.time()) if type(value) is dt.date else value

    return [tuple(cell(value) for value in row) for row in rows]


def test_a_workbook_has_reports_and_what_they_mean(publishes: Publishes, tiny: Project) -> None:
    book = openpyxl.load_workbook(publishes("xlsx"), read_only=True)
    assert book.sheetnames == ["about", "definitions", "rpt_metric_values", "rpt_queue_review", "rpt_vendor_review",
                               "dim_metric_target"]  # fmt: skip
    names, rows = rows_of(book["rpt_metric_values"])
    assert "build_id" not in names
    columns = ", ".join(names)
    expected = tiny.query(
        f"select {columns} from dev_reports.rpt_metric_values where grain in ('month', 'quarter')"
        " and scope_type = 'all' order by all"
    )
    assert len(rows) == len(expected) > 1000
    found = sorted(rows, key=str)
    # A workbook has sixteen digits of a number.
    for own, other in zip(found, sorted(as_cells(expected), key=str), strict=True):
        for one, another in zip(own, other, strict=True):
            assert one == (pytest.approx(another, rel=1e-14) if isinstance(another, float) else another)
    names, rows = rows_of(book["definitions"])
    assert len(rows) == tiny.query("select count(*) from dev_marts.dim_metric")[0][0]
    assert all(row[names.index("description")] for row in rows)


def test_a_cell_is_never_a_formula(tmp_path: Path) -> None:
    texts = ["=1+1", "+1", "-2", "@sum(a1)", "\tx", '=HYPERLINK("http://x")', "plain", "bell\x07", "=cmd|' /C calc'!A0"]
    with duckdb.connect() as connection:
        connection.execute("create table t as select unnest($1) as name, 1 as n", [texts])
        relations = [
            Relation("t", "t", "", (Column("name", "text", ""), Column("n", "bigint", "")), ("name",)),
            DEFINITIONS,
        ]
        publish_workbook(connection, relations, tmp_path / "a.xlsx", record={"revision": "=1"}, tables=["t"])
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cells = [cell for page in book for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert {cell.value for cell in cells} >= {*texts[:7], "bell\N{REPLACEMENT CHARACTER}"}
    risky = [cell for cell in cells if str(cell.value)[:1] in ("=", "+", "-", "@", "\t")]
    assert len(risky) == 7 + 8 + 1
    assert all(cell.quotePrefix for cell in risky)


def test_more_rows_than_a_sheet_has_are_refused(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        relations = [
            Relation("t", "range(1048576)", "", (Column("range", "bigint", ""),), ("range",)),
            DEFINITIONS,
        ]
        with pytest.raises(ValueError, match=r"t has 1,048,576 rows, more than a sheet: publish it as Parquet"):
            publish_workbook(connection, relations, tmp_path / "a.xlsx", record={}, tables=["t"])
    assert list(tmp_path.iterdir()) == []


def test_an_extract_has_every_row_with_its_types(publishes: Publishes, tiny: Project, hyper: Any) -> None:
    file = publishes("hyper", "--facts")
    tables = tiny.query(
        "select table_schema || '.' || table_name, table_name from information_schema.tables"
        " where table_name in ('rpt_metric_values', 'fct_decisions', 'mart_queue_health', 'dim_date')"
    )
    assert len(tables) == 4
    for source, name in tables:
        described = tiny.query(f"describe {source}")
        sums = ["count(*)"]
        for column, kind, *_ in described:
            sums.append(f'count("{column}")')
            if kind.startswith(("DECIMAL", "BIGINT")):
                sums.append(f'cast(sum("{column}") as double precision)')
            elif kind in ("DATE", "TIMESTAMP"):
                sums.append(f'cast(cast(max("{column}") as date) as text)')
        ((*theirs,),) = tiny.query(f"select {', '.join(sums)} from {source}".replace("double precision", "double"))
        ((*own,),) = hyper(file, f'select {", ".join(sums)} from "Extract"."{name}"')
        assert own == theirs, name
    kinds = dict(
        hyper(
            file,
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            " inner join pg_class on pg_class.oid = attrelid where relname = 'fct_decisions'",
        )
    )
    assert kinds["handle_seconds"] == "numeric(18,3)"
    assert kinds["decided_at"].startswith("timestamp")
    assert kinds["is_gold"] == "boolean"
    assert hyper(file, 'select count(*) from "Extract".published') == [(1,)]


NORTHGATE_S = {
    "fct_decisions": "vendor_id <> 'northgate'", "fct_tasks": "vendor_id <> 'northgate'",
    "fct_appeals": "vendor_id <> 'northgate'", "fct_verdicts": "vendor_id <> 'northgate'",
    "rpt_metric_values": "scope_type <> 'vendor' or scope <> 'northgate'",
    "mart_quality_estimates": "scope_type <> 'vendor' or scope <> 'northgate'",
    "rpt_vendor_review": "vendor <> 'northgate'", "dim_vendor": "vendor_id <> 'northgate'",
    "dim_site": "vendor_id <> 'northgate'",
}  # fmt: skip
EVERYONE_S = {"dim_date", "dim_language", "dim_market", "dim_metric", "dim_policy_version", "dim_queue",
              "dim_root_cause"}  # fmt: skip


def test_what_is_of_a_vendor_has_nothing_of_others(publishes: Publishes, hyper: Any) -> None:
    def others(ask: Callable[[str], list[tuple[Any, ...]]], prefix: str) -> dict[str, int]:
        return {
            name: ask(f"select count(*) from {prefix}{name} where {where}")[0][0] for name, where in NORTHGATE_S.items()
        }

    options = ("--facts", "--vendor", "northgate")
    nothing = dict.fromkeys(NORTHGATE_S, 0)
    with duckdb.connect(str(publishes("duckdb", *options)), read_only=True) as connection:
        tables = {row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()}
        assert tables == {*NORTHGATE_S, *EVERYONE_S, "published"}
        assert others(lambda sql: connection.execute(sql).fetchall(), "plumbline.") == nothing
        for name in NORTHGATE_S:
            assert connection.execute(f"select count(*) from plumbline.{name}").fetchone() != (0,), name
        scope = connection.execute("select scope from plumbline.published").fetchone()
        assert scope == ("vendor northgate",)
    extract = publishes("hyper", *options)
    assert others(lambda sql: list(hyper(extract, sql)), '"Extract".') == nothing
    folder = publishes("parquet", *options)
    assert {path.name for path in folder.iterdir() if path.is_dir()} == {*NORTHGATE_S, *EVERYONE_S}
    with duckdb.connect() as connection:
        for name, where in NORTHGATE_S.items():
            files = f"read_parquet('{folder}/{name}/**/*.parquet', hive_partitioning = false)"
            assert connection.execute(f"select count(*) from {files} where {where}").fetchone() == (0,), name
    book = openpyxl.load_workbook(publishes("xlsx", *options), read_only=True)
    names, rows = rows_of(book["rpt_metric_values"])
    assert rows
    assert {(row[names.index("scope_type")], row[names.index("scope")]) for row in rows} == {("vendor", "northgate")}
    names, rows = rows_of(book["rpt_vendor_review"])
    assert {row[names.index("vendor")] for row in rows} == {"northgate"}
    assert "rpt_queue_review" not in book.sheetnames


def test_what_is_of_a_market_has_nothing_of_others(publishes: Publishes) -> None:
    with duckdb.connect(str(publishes("duckdb", "--facts", "--market", "BR")), read_only=True) as connection:
        for name in ("fct_decisions", "fct_user_reports", "mart_appeals", "mart_exposure", "dim_market"):
            found = connection.execute(f"select distinct market from plumbline.{name}").fetchall()
            assert found == [("BR",)], name
        found = connection.execute("select distinct scope_type, scope from plumbline.rpt_metric_values").fetchall()
        assert found == [("market", "BR")]


def test_who_is_not_there_and_two_at_once_are_refused(
    tiny: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--warehouse", str(tiny.warehouse), "--manifest", str(tiny.folder / "target" / "manifest.json")]
    given = ["publish", "xlsx", "--to", str(tmp_path / "a.xlsx"), *where]
    assert main([*given, "--vendor", "northgat"]) == 1
    assert "there is no vendor 'northgat' (the nearest is 'northgate')" in capsys.readouterr().err
    assert main([*given, "--table", "mart_nothing"]) == 1
    assert "mart_nothing is not published" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*given, "--vendor", "northgate", "--market", "BR"])
    assert main(["publish", "hyper", "--to", str(tmp_path / "a.extract"), *where]) == 1
    assert "an extract ends with .hyper" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("door", ["xlsx", "hyper"])
def test_a_file_that_was_not_published_is_not_replaced(
    door: str, publishes: Publishes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = publishes(door)
    assert publishes(door) == file, "the last publish is replaced"
    for content in (b"", b"somebody's work", openpyxl_book(tmp_path / "other.xlsx")):
        file.write_bytes(content)
        with pytest.raises(AssertionError):
            publishes(door)
        assert "was not published: name another file" in capsys.readouterr().err
        assert file.read_bytes() == content


def openpyxl_book(file: Path) -> bytes:
    """A workbook of somebody's own."""
    openpyxl.Workbook().save(file)
    return file.read_bytes()
