"""What is published to files has every row of the warehouse, appears whole, and replaces nothing but a publish."""

import json
from pathlib import Path

import duckdb
import pytest
from conftest import Project

from plumbline.cli import main
from plumbline.publishing.files import publish_duckdb, reading
from plumbline.publishing.relations import Column, Relation

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def published(tiny: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `marts.duckdb` and `marts/`, published by the command, facts as well."""
    folder = tmp_path_factory.mktemp("published")
    given = ["--facts", "--warehouse", str(tiny.warehouse), "--manifest", str(tiny.folder / "target" / "manifest.json")]
    assert main(["publish", "duckdb", "--to", str(folder / "marts.duckdb"), *given]) == 0
    assert main(["publish", "parquet", "--to", str(folder / "marts"), *given]) == 0
    return folder


def compared(tiny: Project, name: str, source: str) -> tuple[int, int]:
    """Rows of a relation in the warehouse, and those that only one of both has."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{tiny.warehouse}' as warehouse (read_only)")
        connection.execute("use warehouse")
        schema = "dev_reports" if name.startswith("rpt_") else "dev_marts"
        columns = ", ".join(f'"{row[0]}"' for row in connection.execute(f"describe {schema}.{name}").fetchall())
        own, other = f"select {columns} from {schema}.{name}", f"select {columns} from {source}"
        (rows,) = connection.execute(f"select count(*) from {schema}.{name}").fetchone() or (0,)
        (apart,) = connection.execute(
            f"select count(*) from (({own} except all {other}) union all ({other} except all {own}))"
        ).fetchone() or (0,)
        return rows, apart


def test_every_row_is_in_the_duckdb_file(published: Path, tiny: Project) -> None:
    with duckdb.connect(str(published / "marts.duckdb"), read_only=True) as connection:
        names = [row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()]
        silent = connection.execute(
            "select count(*) from duckdb_columns() where comment is null and schema_name = 'plumbline'"
        ).fetchone()
        keys = connection.execute(
            "select count(*) from duckdb_constraints() where constraint_type = 'PRIMARY KEY'"
        ).fetchone()
        for name in set(names) - {"published"}:
            connection.execute(f"copy (from plumbline.{name}) to '{published}/{name}.parquet' (format parquet)")
    assert len(names) > 50
    assert silent == (2,), "but for the record of the publish"
    assert keys is not None
    assert keys[0] > 50
    assert {name: compared(tiny, name, f"'{published}/{name}.parquet'")[1] for name in set(names) - {"published"}} == (
        dict.fromkeys(set(names) - {"published"}, 0)
    )


def test_every_row_is_in_the_parquet_files_by_month(published: Path, tiny: Project) -> None:
    record = json.loads((published / "marts" / "published.json").read_text())
    assert len(record["rows"]) > 50
    for name, rows in record["rows"].items():
        files = sorted((published / "marts" / name).rglob("*.parquet"))
        assert files, name
        source = f"read_parquet('{published}/marts/{name}/**/*.parquet', hive_partitioning = false)"
        assert compared(tiny, name, source) == (rows, 0), name
    months = {file.name for file in (published / "marts" / "rpt_metric_values").iterdir()}
    assert {"publish_month=2026-01"} <= months
    assert all(month.startswith("publish_month=20") for month in months)


def one_row(number: int) -> tuple[Relation, str]:
    return Relation("t", '"main"."t"', "A table.", (Column("n", "bigint", "A number."),), ("n",)), str(number)


def test_who_has_a_file_open_reads_on_while_it_is_replaced(tmp_path: Path) -> None:
    """In a process of its own: within one, DuckDB gives the file that is open already."""
    file, warehouse = tmp_path / "marts.duckdb", tmp_path / "w.duckdb"
    readers = []
    for number in (1, 2):
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(f"create or replace table t as select {number}::bigint as n")
        relation, build = one_row(number)
        with reading(warehouse) as connection:
            assert (
                publish_duckdb(
                    connection, [relation], file, schema="plumbline", record={"build_id": build}, scratch=tmp_path
                )
                == 1
            )
        copied = tmp_path / f"link-{number}.duckdb"
        copied.hardlink_to(file)
        readers.append(duckdb.connect(str(copied), read_only=True))
    found = [reader.execute("from plumbline.t").fetchall() for reader in readers]
    assert found == [[(1,)], [(2,)]]
    for reader in readers:
        reader.close()


def test_nothing_but_a_publish_is_replaced(tiny: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--warehouse", str(tiny.warehouse), "--manifest", str(tiny.folder / "target" / "manifest.json")]
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("dear")
    (tmp_path / "table.csv").write_text("a,b\n")
    before = tiny.warehouse.stat()
    for arguments in (
        ["parquet", "--to", str(tmp_path / "letters")],
        ["parquet", "--to", str(tmp_path / "table.csv")],
        ["duckdb", "--to", str(tmp_path / "table.csv")],
        ["duckdb", "--to", str(tiny.warehouse)],
    ):
        assert main(["publish", *arguments, *given]) == 1
        assert "is there and was not published" in capsys.readouterr().err
    assert (tmp_path / "letters" / "one.txt").read_text() == "dear"
    assert (tiny.warehouse.stat().st_ino, tiny.warehouse.stat().st_size) == (before.st_ino, before.st_size)
    # An empty folder is nobody's.
    (tmp_path / "empty").mkdir()
    assert main(["publish", "parquet", "--to", str(tmp_path / "empty"), *given]) == 0
    assert main(["publish", "parquet", "--to", str(tmp_path / "empty"), *given]) == 0
