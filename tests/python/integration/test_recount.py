"""Metrics counted again from landed Parquet and the written meanings alone, by nothing that the models use.

`recount.py` and its parts were written from docs/ and contracts/ by someone who had not read the SQL. Every cell of a
complete period must have the same numerator and denominator, to 1e-9.
"""

import math

import pytest
from conftest import Project
from recount import COUNTS, Count, recounted

Cells = dict[tuple[object, ...], tuple[float | None, float | None]]

TOLERANCE = 1e-9

names = pytest.mark.parametrize("count", COUNTS, ids=lambda count: count.metric)


@pytest.fixture(scope="module")
def recount(demo: Project) -> dict[str, Cells]:
    """By metric, what was counted again: numerator and denominator by period, slice type and slice."""
    with recounted(demo.landing) as connection:
        rows = connection.execute(
            "select metric_id, period_start, slice_type, slice, numerator, denominator from recount"
        ).fetchall()
    cells: dict[str, Cells] = {count.metric: {} for count in COUNTS}
    for metric, *key, numerator, denominator in rows:
        cells[metric][tuple(key)] = (numerator, denominator)
    return cells


def of_slices_counted(project: Project, columns: str, table: str) -> dict[str, list[tuple[object, ...]]]:
    """By metric, the rows of complete periods, of the scope of all and the slice types that are counted again."""
    names = ", ".join(f"('{count.metric}', '{count.grain}')" for count in COUNTS)
    kinds = {
        count.metric: {"all", *(column.removeprefix("answerable_") for column in count.slices)} for count in COUNTS
    }
    rows: dict[str, list[tuple[object, ...]]] = {count.metric: [] for count in COUNTS}
    for metric, *row in project.query(f"""
        select metric_id, period_start, slice_type, slice, {columns}
        from {table}
        where (metric_id, grain) in ({names}) and scope_type = 'all' and is_complete
    """):
        if row[1] in kinds[str(metric)]:
            rows[str(metric)].append(tuple(row))
    return rows


@pytest.fixture(scope="module")
def series(demo: Project) -> dict[str, list[tuple[object, ...]]]:
    """By metric, period, slice type, slice, numerator and denominator of the series."""
    columns = "cast(numerator as double), cast(denominator as double)"
    return of_slices_counted(demo, columns, "dev_marts.mart_metric_series")


@pytest.fixture(scope="module")
def values(demo: Project) -> dict[str, list[tuple[object, ...]]]:
    """By metric, period, slice type, slice and value of what is published."""
    return of_slices_counted(demo, "metric_value", "dev_reports.rpt_metric_values")


def same(mine: float | None, theirs: float | None) -> bool:
    """Whether two sums are equal to 1e-9, or both are none."""
    if mine is None or theirs is None:
        return mine is theirs
    return math.isclose(mine, theirs, rel_tol=TOLERANCE, abs_tol=1e-12)


def test_twenty_metrics_and_more_are_counted_again() -> None:
    assert len({count.metric for count in COUNTS}) == len(COUNTS) >= 20


@names
def test_series_is_what_the_landed_rows_add_up_to(
    count: Count, series: dict[str, list[tuple[object, ...]]], recount: dict[str, Cells]
) -> None:
    theirs: Cells = {tuple(key): (numerator, denominator) for *key, numerator, denominator in series[count.metric]}
    mine = recount[count.metric]
    # A member of a slice type of which nothing was counted may stand with zeros, or not at all.
    nothing = (0.0, 0.0 if count.denominator else None)
    apart = {
        key: (mine.get(key, nothing), theirs.get(key, nothing))
        for key in mine.keys() | theirs.keys()
        if not all(map(same, mine.get(key, nothing), theirs.get(key, nothing)))
    }
    assert not apart, f"{len(apart)} cells of {len(mine)}: {dict(sorted(apart.items(), key=str)[:5])}"
    # Both call the same periods complete.
    assert {key[0] for key in mine} == {key[0] for key in theirs}
    assert len({key[0] for key in mine}) >= 5


@names
def test_published_values_are_what_the_landed_rows_divide_to(
    count: Count, values: dict[str, list[tuple[object, ...]]], recount: dict[str, Cells]
) -> None:
    compared = 0
    for *key, value in values[count.metric]:
        if value is None:
            continue
        numerator, denominator = recount[count.metric].get(tuple(key), (0.0, None))
        divided = numerator if count.denominator is None or numerator is None else numerator / (denominator or math.nan)
        assert same(divided, value), (key, divided, value)
        compared += 1
    assert compared >= 5
