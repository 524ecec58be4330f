"""What the PostgreSQL door costs: filling it against a row-by-row binary COPY, and typical BI queries as each role.

    python bench/doors.py --warehouse data/plumbline.duckdb
    python bench/doors.py --rows 5000000            # the comparison alone, without a warehouse

A PostgreSQL of this machine is started and removed again.
"""

import argparse
import secrets
import time
from pathlib import Path

import duckdb
import numpy as np
import psycopg

from plumbline.landing.contract import project_root
from plumbline.publishing.access import read_access
from plumbline.publishing.files import reading
from plumbline.publishing.local_server import LocalServer, local_server
from plumbline.publishing.postgres import publish
from plumbline.publishing.relations import Column, Relation, published_relations

LOGINS = {"analyst": None, "quality": None, "northgate_lead": None, "tableau": "lead@palmera.example"}
AGAIN = 30
ROW_BY_ROW_SHARE = 10
ALL_MONTHS = "grain = 'month' and slice_type = 'all'"
VALUES = "from rpt_metric_values where"
COMPLETE = f"select max(period_start) {VALUES} metric_id = 'average_handle_time' and grain = 'month' and is_complete"
QUERIES = {
    "the months of a metric": f"select period_start, metric_value, lower, upper {VALUES} metric_id = 'audit_accuracy'"
    f" and {ALL_MONTHS} order by 1",
    "a metric by site, latest month": f"select slice, metric_value {VALUES} metric_id = 'average_handle_time'"
    f" and grain = 'month' and slice_type = 'site' and period_start = ({COMPLETE})",
    "a metric by week and queue": f"select period_start, slice, metric_value {VALUES} metric_id = 'sla_attainment'"
    " and grain = 'week' and slice_type = 'queue' order by 1, 2",
    "all metrics of a month": "select label, metric_value, target_status from rpt_metric_values"
    f" inner join dim_metric using (metric_id) where {ALL_MONTHS} and period_start = date '2026-05-01'",
    "targets missed": f"select metric_id, scope, period_start {VALUES} target_status = 'missed' and {ALL_MONTHS}",
    "why values are withheld": f"select not_reportable_reason, count(*) {VALUES} metric_id = 'audit_accuracy'"
    " and grain = 'week' group by 1 order by 2 desc",
    "the last complete week": "select metric_id, metric_value from rpt_metric_values inner join dim_date"
    " on calendar_on = period_start where is_last_complete_week and grain = 'week' and slice_type = 'all'"
    " and metric_id in ('skip_rate', 'occupancy', 'average_handle_time')",
    "a day of many metrics": f"select metric_id, metric_value {VALUES} grain = 'day' and slice_type = 'all'"
    " and period_start = date '2026-05-12'",
    "vendor review": "select * from rpt_vendor_review order by month_starting_on",
    "the preview of a table": "select * from rpt_metric_values limit 1000",
    "a tool's probe for columns": "select * from rpt_metric_values limit 0",
    "estimates of a quarter": "select slice, estimate, lower, upper from mart_quality_estimates"
    " where metric_id = 'audit_accuracy' and grain = 'quarter' and slice_type = 'queue'",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warehouse", type=Path, help="publish this one and ask it")
    parser.add_argument("--manifest", type=Path, default=Path("target/manifest.json"))
    parser.add_argument("--rows", type=int, default=5_000_000, help="of the comparison; 0: none (default: %(default)s)")
    given = parser.parse_args()
    with local_server() as server:
        if given.rows:
            compare(server, given.rows)
        if given.warehouse:
            ask(server, given.warehouse, given.manifest)


def compare(server: LocalServer, rows: int) -> None:
    """Fill a table of twelve columns in both ways; the slower one with a tenth of the rows."""
    with duckdb.connect() as warehouse, psycopg.connect(server.dsn(), autocommit=True) as connection:
        warehouse.execute(
            "create table t as select n as id, date '2026-01-01' + cast(n % 900 as int) as day,"
            " timestamp '2026-01-01' + to_seconds(n) as at, 'queue_' || n % 40 as queue, 'market_' || n % 30 as market,"
            " md5(cast(n as varchar)) as note, cast(n % 1000 as int) as seconds, cast(n % 7 as smallint) as level,"
            " cast(n % 100000 as decimal(18, 4)) / 100 as cost, case when n % 9 > 0 then n / 7 end as score,"
            f" n % 2 = 0 as is_gold, n * 3 as other from range({rows}) as r(n)"
        )
        kinds = ("bigint", "date", "timestamp", "text", "text", "text", "integer", "smallint", "double precision",
                 "double precision", "boolean", "bigint")  # fmt: skip
        names = [column[0] for column in warehouse.execute("describe t").fetchall()]
        columns = tuple(Column(name, kind, "") for name, kind in zip(names, kinds, strict=True))
        relation = Relation("t", '"main"."t"', "", columns, ())
        begun = time.monotonic()
        publish(server.dsn(), warehouse, [relation], schema="ours", revision="r", build_id="b")
        ours = rows / (time.monotonic() - begun)
        some = rows // ROW_BY_ROW_SHARE
        declared = ", ".join(f'"{column.name}" {column.kind}' for column in columns)
        connection.execute(f"create table theirs ({declared})")
        types = [kind.replace("double precision", "float8").replace("bigint", "int8").replace("smallint", "int2")
                 .replace("integer", "int4").replace("boolean", "bool") for kind in kinds]  # fmt: skip
        begun = time.monotonic()
        with connection.cursor() as cursor, cursor.copy("copy theirs from stdin (format binary)") as copy:
            copy.set_types(types)
            reading_rows = warehouse.execute(f"from t limit {some}")
            while batch := reading_rows.fetchmany(10_000):
                for row in batch:
                    copy.write_row(row)
        theirs = some / (time.monotonic() - begun)
        counted = connection.execute("select count(*), sum(other) from theirs").fetchone()
        assert counted == warehouse.execute(f"select count(*), sum(other) from (from t limit {some})").fetchone()
    print(f"{rows:,} rows x {len(columns)} columns: a publish {ours:,.0f} rows/s (compared and analysed as well),")
    print(f"psycopg's binary COPY row by row {theirs:,.0f} rows/s: {ours / theirs:.1f} x (bound 5)")


def ask(server: LocalServer, warehouse: Path, manifest: Path) -> None:
    """Publish, and ask each query again and again as each login of the sample's access.yml."""
    password = secrets.token_urlsafe(12)
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("create database marts")
        for login in LOGINS:
            connection.execute(f"create role {login} login password '{password}'")
    begun = time.monotonic()
    with reading(warehouse) as source:
        relations = published_relations(manifest, source)
        publish(
            server.dsn(database="marts"), source, relations, schema="plumbline", revision="r", build_id="b",
            access=read_access(project_root() / "access.yml"),
        )  # fmt: skip
    print(f"published {len(relations)} tables in {time.monotonic() - begun:.1f} s; p95 of {AGAIN} runs in ms:")
    found: dict[str, list[float]] = {name: [] for name in QUERIES}
    for login, principal in LOGINS.items():
        dsn = server.dsn(user=login, password=password, database="marts")
        with psycopg.connect(dsn, autocommit=True, options="-c search_path=plumbline") as connection:
            if principal:
                connection.execute("select set_config('plumbline.principal', %s, false)", [principal])
            for name, sql in QUERIES.items():
                runs = []
                for _ in range(AGAIN):
                    begun = time.monotonic()
                    connection.execute(sql).fetchall()
                    runs.append(1000 * (time.monotonic() - begun))
                found[name].append(float(np.percentile(runs, 95)))
    print(f"{'':34}" + "".join(f"{login:>16}" for login in LOGINS))
    for name, values in found.items():
        print(f"{name:34}" + "".join(f"{value:16.1f}" for value in values))
    print(f"slowest: {max(max(values) for values in found.values()):.0f} ms (bound 100)")


if __name__ == "__main__":
    main()
