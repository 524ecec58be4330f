"""The page of long tests keeps what did not run, and says how many parts of a test passed."""

import datetime as dt
from pathlib import Path

from long_page import read, results, write

DAY = dt.date(2026, 12, 1)


def test_parts_of_a_test_are_counted_together_and_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "long.md"
    first = results([("a.py::one", "passed", 12.4), ("a.py::two[x]", "passed", 1000.0)], "abc", DAY)
    write(page, first)
    write(page, results([("a.py::two[x]", "passed", 500.4), ("a.py::two[y]", "failed", 800.0)], "def+", DAY))
    assert page.read_text().splitlines()[-2:] == [
        "| `a.py::one` | passed | 12 | abc | 2026-12-01 |",
        "| `a.py::two` | 1 failed, 1 passed | 1,300 | def+ | 2026-12-01 |",
    ]
    assert read(page)["a.py::one"] == first["a.py::one"]


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    page = tmp_path / "long.md"
    write(page, results([("a.py::one", "skipped", 0.0)], "abc", DAY))
    before = page.read_text()
    write(page, {})
    assert page.read_text() == before
