"""Slices are as large as the memory limit allows, in whatever unit DuckDB tells it."""

from collections.abc import Callable

import duckdb
import pytest
from conftest import Project


@pytest.fixture(scope="module")
def share(new_project: Callable[..., Project]) -> str:
    return new_project("slices").compiled("select {{ share_of_memory() }}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("limit", "expected"),
    [("8GiB", 1.0), ("64GiB", 1.0), ("1TiB", 1.0), ("4GiB", 3968 / 8064), ("250MiB", 122 / 8064), ("100MiB", 0.001),
     ("500KiB", 0.001)],
)  # fmt: skip
def test_the_share_of_memory_is_that_of_8_gib_without_the_128_mib_of_a_session(
    share: str, limit: str, expected: float
) -> None:
    with duckdb.connect(config={"memory_limit": "1GiB"}) as connection:
        # Told as DuckDB tells a limit, without needing that much.
        connection.execute(f"set memory_limit = '{limit}'")
        (found,) = connection.execute(share).fetchone() or (None,)
    # DuckDB tells one decimal.
    assert float(found) == pytest.approx(expected, rel=0.01)
