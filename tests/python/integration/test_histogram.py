"""Quantiles from the duration histogram: within 1 % of exact, whatever the shape and the order of merging."""

from collections.abc import Callable

import duckdb
import pytest
from conftest import Project

SHAPES = {
    "uniform": "1 + u * 86400",
    "exponential": "-ln(1 - u) * 5000",
    "log_normal": "exp(8 + 1.5 * sqrt(-2 * ln(1 - u)) * cos(2 * pi() * v))",
    "two_peaks": "case when v < 0.6 then 30 + u * 10 else 40000 + u * 9000 end",
    "mostly_zero": "case when v < 0.4 then 0 else round(u * u * u * 1000000) end",
}
QUANTILES = {"p01": 0.01, "p50": 0.5, "p90": 0.9, "p95": 0.95, "p999": 0.999}


@pytest.fixture(scope="module")
def macros(new_project: Callable[..., Project]) -> dict[str, str]:
    """The project's own macros, compiled."""
    project = new_project("macros")
    inline = (
        "select '{{ histogram_bucket('x') | replace(\"'\", \"''\") }}' as bucket, "
        "'{{ histogram_quantiles('cells', ['shape'], "
        + repr(QUANTILES)
        + ", 'n') | replace(\"'\", \"''\") }}' as quantiles"
    )
    row = duckdb.sql(project.compiled(inline)).fetchall()[0]
    return {"bucket": row[0], "quantiles": row[1]}


@pytest.mark.parametrize("shape", SHAPES)
def test_quantiles_of_a_million_values_are_within_one_percent(shape: str, macros: dict[str, str]) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            f"""
            create table vals as
            select {SHAPES[shape]} as x, i % 7 as part
            from (
                select i, (hash(i, 'u') >> 11) / 9007199254740992.0 as u, (hash(i, 'v') >> 11) / 9007199254740992.0 as v
                from range(1000000) as r(i)
            )
            """
        )
        exact = connection.execute(
            "select " + ", ".join(f"quantile_disc(x, {q})" for q in QUANTILES.values()) + " from vals"
        ).fetchall()[0]
        # Merged from seven parts, in two orders: counts add up, so that any order gives the same.
        answers = []
        for order in ("part", "-part"):
            connection.execute(
                f"""
                create or replace table parts as
                select * from (select part, {macros["bucket"]} as bucket, count(*) as n from vals group by all)
                order by {order}
                """
            )
            connection.execute(
                "create or replace table cells as select 'all' as shape, bucket, sum(n) as n from parts group by bucket"
            )
            answers.append(connection.execute(macros["quantiles"]).fetchall()[0][2:])
    assert answers[0] == answers[1]
    for name, true, found in zip(QUANTILES, exact, answers[0], strict=True):
        assert abs(found - true) <= 0.01 * true * (1 + 1e-9), f"{name}: {found} against {true}"
