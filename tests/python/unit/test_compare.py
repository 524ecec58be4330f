"""What `make compare` calls a difference between two builds, and what it does not."""

from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import duckdb
import pytest
from conftest import ROOT

CELLS = "(values ('a', 1, 0.5), ('a', 1, 0.5), ('b', 2, null)) as cells (queue, tasks, share)"


@pytest.fixture(scope="module")
def compare() -> ModuleType:
    module = ModuleType("compare")
    module.__file__ = str(ROOT / "bench" / "compare.py")
    SourceFileLoader("compare", module.__file__).exec_module(module)
    return module


def written(folder: Path, **tables: str) -> Path:
    folder.mkdir()
    for name, rows in tables.items():
        duckdb.sql(f"copy ({rows}) to '{folder}/dev_marts.{name}.parquet' (format parquet)")
    return folder


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (f"select * from {CELLS} order by tasks desc", []),
        (f"select * replace (share + 1e-14 as share), 'run 2' as build_id from {CELLS}", []),
        (f"select queue as line, tasks, share from {CELLS}", []),
        (f"select * replace (share + 1e-9 as share) from {CELLS}", ["mart_a: 2 rows only before, 2 only after"]),
        (f"select distinct * from {CELLS}", ["mart_a: 1 rows only before, 0 only after"]),
        (f"select * replace (coalesce(share, 0) as share) from {CELLS}", ["mart_a: 1 rows only before, 1 only after"]),
        (f"select queue, tasks from {CELLS}", ["mart_a.share: is gone"]),
        (f"select *, 1 as closed from {CELLS}", ["mart_a.closed: is new"]),
    ],
    ids=["other order", "rounding, run", "renamed", "a value", "a row that was twice", "null", "gone", "new"],
)
def test_a_difference_is_one_of_rows_or_columns(
    compare: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str, expected: list[str]
) -> None:
    monkeypatch.setattr(compare, "former_names", lambda _: ({}, {("mart_a", "line"): "queue"}))
    one = written(tmp_path / "one", mart_a=f"select *, 'run 1' as build_id from {CELLS}")
    other = written(tmp_path / "other", mart_a=after)
    assert compare.differences(one, other) == [f"dev_marts.{line}" for line in expected]


def test_a_table_that_is_new_gone_or_renamed_is_told(
    compare: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "former_names", lambda _: ({"mart_b": "mart_a"}, {}))
    one = written(tmp_path / "one", mart_a=f"from {CELLS}", mart_gone="select 1 as n")
    other = written(tmp_path / "other", mart_b=f"from {CELLS}", mart_new="select 1 as n")
    assert compare.differences(one, other) == ["dev_marts.mart_new: is new", "dev_marts.mart_gone: is gone"]


def test_names_of_before_are_read_from_the_project(compare: ModuleType) -> None:
    """Of columns that were renamed in this release."""
    _, columns = compare.former_names(ROOT)
    assert len(columns) >= 7
    assert all(model.startswith(("mart_", "fct_", "dim_", "rpt_")) for model, _ in columns)


def test_a_base_that_was_renamed_already_is_compared_by_its_new_names(
    compare: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "former_names", lambda _: ({"mart_b": "mart_a"}, {("mart_b", "line"): "queue"}))
    renamed = f"select queue as line, tasks from {CELLS}"
    one, other = (written(tmp_path / name, mart_b=renamed) for name in ("one", "other"))
    assert compare.differences(one, other) == []
