"""A sample's facts and marts beside what happened, in one session: its census, and the last version of what landed."""

from pathlib import Path

import duckdb
from conftest import Project

from plumbline.landing.contract import load_contracts

TABLES = (
    "fct_decisions",
    "fct_tasks",
    "mart_appeals",
    "mart_calibration",
    "mart_calibration_labels",
    "mart_efficiency_daily",
    "mart_exposure",
    "mart_metric_series",
    "mart_quality_weekly",
    "mart_support_experience",
)
# Days by which every correction and late row of a sample has landed, from its end.
UNSETTLED = 10


def beside_census(project: Project, folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with TABLES, `census_decisions`, `census_tasks` and `happened_<table>`.

    The variable `settled` is the last day of which every correction has landed. Views of the warehouse name their own
    database, so what they say is written under `folder` first.
    """
    connection = duckdb.connect()
    with project.connect() as warehouse:
        for name in TABLES:
            warehouse.execute(f"copy (from dev_marts.{name}) to '{folder / name}.parquet' (format parquet)")
            connection.execute(f"create view {name} as from '{folder / name}.parquet'")
    for name in ("decisions", "tasks"):
        connection.execute(f"create view census_{name} as from '{project.landing}/_census/{name}/*.parquet'")
    for contract in load_contracts():
        if any(project.landing.glob(f"{contract.source}/{contract.table}/*/sample.parquet")):
            connection.execute(f'create table "happened_{contract.table}" as {landed_last(project, contract.table)}')
    connection.execute(f"set variable settled = (select max(landed_on) - {UNSETTLED} from happened_decisions)")
    return connection


def landed_last(project: Project, table: str) -> str:
    """SQL of the rows of a table's sample files, the last that landed of each key."""
    (contract,) = (contract for contract in load_contracts() if contract.table == table)
    files = f"{project.landing}/{contract.source}/{table}/*/sample.parquet"
    key = ", ".join(f'"{name}"' for name in contract.key)
    return (
        f"from read_parquet('{files}', hive_partitioning = true)"
        f" qualify row_number() over (partition by {key} order by landed_on desc) = 1"
    )


def compare(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> None:
    """Both queries give the same rows, and some."""
    assert connection.execute(f"select count(*) from ({other})").fetchall()[0][0] > 0
    assert connection.execute(f"({one}) except all ({other})").fetchall() == []
    assert connection.execute(f"({other}) except all ({one})").fetchall() == []
