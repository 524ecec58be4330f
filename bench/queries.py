"""How long a BI tool waits for every aggregate mart and report: the two questions that dashboards ask most."""

import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

RUNS = 20
NUMBERS = ("BIGINT", "HUGEINT", "INTEGER", "DOUBLE", "DECIMAL")


@dataclass(frozen=True)
class Latency:
    """Of one mart: its rows, and milliseconds of a query over runs that each open the warehouse anew or not."""

    mart: str
    rows: int
    query: str
    median_ms: float
    p95_ms: float


def latencies(warehouse: Path) -> list[Latency]:
    """A row per mart or report and question: its last ninety days by day, and all of its history by one dimension."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        marts = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where regexp_matches(table_schema, '_(marts|reports)$') and regexp_matches(table_name, '^(mart|rpt)_')"
            " order by all"
        ).fetchall()
        found = []
        for schema, name in marts:
            for question, sql in questions(connection, f"{schema}.{name}").items():
                taken = [timed(connection, sql) for _ in range(RUNS)]
                (rows,) = connection.execute(f"select count(*) from {schema}.{name}").fetchall()[0]
                found.append(
                    Latency(name, rows, question, statistics.median(taken), statistics.quantiles(taken, n=20)[-1])
                )
    return found


def questions(connection: duckdb.DuckDBPyConnection, mart: str) -> dict[str, str]:
    columns = connection.execute(f"describe {mart}").fetchall()
    days = [name for name, kind, *_ in columns if kind == "DATE"]
    texts = [name for name, kind, *_ in columns if kind == "VARCHAR" and name != "build_id"]
    # What a dashboard asks of a table of all metrics: one of them, as it is sliced on a page.
    only = "metric_id = 'average_handle_time' and grain = 'week' and scope_type = 'all' and slice_type = 'queue'"
    chosen = only if "metric_id" in texts else "true"
    numbers = [name for name, kind, *_ in columns if kind.startswith(NUMBERS) and not name.startswith("_")]
    sums = ", ".join(f"sum({name})" for name in numbers) or "count(*)"
    asked = {}
    if days:
        day = days[-1]
        recent = f"{chosen} and {day} > (select max({day}) - 90 from {mart} where {chosen})"
        asked["last 90 days by day"] = f"select {day}, {sums} from {mart} where {recent} group by all order by 1"
    if texts:
        asked["all history by one dimension"] = (
            f"select {texts[0]}, {sums} from {mart} where {chosen} group by all order by 1"
        )
    return asked


def timed(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    started = time.perf_counter()
    connection.execute(sql).fetchall()
    return (time.perf_counter() - started) * 1000
