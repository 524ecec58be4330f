"""The marts count what the census counts, cell by cell, and the drawn audits estimate it without bias."""

import datetime as dt
import math
import statistics
from pathlib import Path

import duckdb
import pytest
from conftest import Project

from plumbline.landing.contract import load_contracts
from plumbline.sample import Scale, quality, world
from plumbline.sample.write import Writer

# Days by which every correction and late row of a sample has landed, from its end.
UNSETTLED = 10


@pytest.fixture(scope="module")
def counted(tiny: Project, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The census of the tiny sample beside its warehouse, both of the days on which all has landed."""
    connection = duckdb.connect()
    connection.execute(f"attach '{tiny.warehouse}' as warehouse (read_only)")
    # Views name their own database: the warehouse's facts are read as files.
    folder = tmp_path_factory.mktemp("facts")
    with tiny.connect() as facts:
        for name in ("fct_decisions", "fct_tasks", "mart_efficiency_daily"):
            facts.execute(f"copy (from dev_marts.{name}) to '{folder / name}.parquet' (format parquet)")
    for name in ("fct_decisions", "fct_tasks", "mart_efficiency_daily"):
        connection.execute(f"create view {name} as from '{folder / name}.parquet'")
    for name in ("decisions", "tasks"):
        connection.execute(f"create view census_{name} as from '{tiny.landing}/_census/{name}/*.parquet'")
    (last,) = connection.execute("select max(enqueued_at) from census_tasks").fetchall()[0]
    connection.execute(f"set variable settled = date '{last:%Y-%m-%d}' - {UNSETTLED}")
    return connection


def differing(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> list[tuple[object, ...]]:
    rows = connection.execute(f"({one}) except all ({other})").fetchall()
    assert connection.execute(f"select count(*) from ({one})").fetchall()[0][0] > 0
    return rows + connection.execute(f"({other}) except all ({one})").fetchall()


def test_every_decision_is_in_the_census_with_what_was_decided(counted: duckdb.DuckDBPyConnection) -> None:
    columns = "decision_id, outcome, language, market, content_type, decided_on"
    fact = f"select {columns} from fct_decisions where decided_on <= getvariable('settled')"
    census = f"select {columns} from census_decisions where decided_on <= getvariable('settled')"
    assert differing(counted, fact, census) == []


def test_every_root_task_is_in_the_census_with_its_touches(counted: duckdb.DuckDBPyConnection) -> None:
    # Follow-ups of audits and appeals are apart: no touch of their root.
    columns = "task_id, queue_id, language, market, enqueued_at, is_production, case when is_production then {} end"
    fact = f"select {columns.format('touches')} from fct_tasks where enqueued_on <= getvariable('settled')"
    census = (
        f"select {columns.format('decisions')} from census_tasks"
        " where cast(enqueued_at as date) <= getvariable('settled')"
    )
    assert differing(counted, fact, census) == []


@pytest.mark.parametrize("slices", [[], ["queue_id"], ["language"], ["market"], ["site_id", "vendor_id"]])
def test_every_population_figure_of_efficiency_is_that_of_the_census(
    slices: list[str], counted: duckdb.DuckDBPyConnection
) -> None:
    by = ", ".join([*slices, "day"])
    mart = f"""
        select {", ".join([*slices, "reporting_on as day"])}, sum(production_decisions), sum(skips), sum(escalations),
            sum(handled_decisions), sum(handle_seconds)
        from mart_efficiency_daily where reporting_on <= getvariable('settled') and vendor_id <> '(automated)'
        group by {by} having sum(production_decisions) > 0
    """
    census = f"""
        select {", ".join([*slices, "decided_on as day"])}, count(*), count(*) filter (where outcome = 'skip'),
            count(*) filter (where outcome = 'escalate'), count(*) filter (where outcome <> 'skip'),
            sum(least(handle_seconds, 3600))
        from census_decisions where decided_on <= getvariable('settled') and decided_by = 'human' and is_production
        group by {by}
    """
    assert differing(counted, mart, census) == []


def test_what_automation_measured_is_that_of_the_census(counted: duckdb.DuckDBPyConnection) -> None:
    mart = """
        select reporting_on, sum(automated_measures), sum(measures) from mart_efficiency_daily
        where reporting_on <= getvariable('settled') group by 1 having sum(measures) > 0
    """
    census = """
        select decided_on, count(*) filter (where decided_by = 'automation'), count(*) from census_decisions
        where decided_on <= getvariable('settled') and outcome in ('remove', 'restrict', 'age_restrict', 'label')
        group by 1
    """
    assert differing(counted, mart, census) == []


def test_audits_drawn_fifty_times_estimate_the_census_without_bias(tmp_path: Path) -> None:
    """The mean of 50 draws lies within 3 of its standard errors of what the census says, for counts and for shares."""
    days = [world.FIRST_DAY + dt.timedelta(days=number) for number in range(14)]
    right = "cast((outcome = 'no_violation') = (true_outcome = 'no_violation') as double)"
    judged = "outcome not in ('skip', 'escalate')"
    figures = f"""
        select sum(weight), sum(weight * {right}) filter (where {judged}) / sum(weight) filter (where {judged}),
            sum(weight) filter (where suspected_policy_code = 'hate_speech')
        from ({{}}) where is_in_frame
    """
    drawn = """
        select census_decisions.*, 1 / inclusion_probability as weight from census_decisions inner join (
            select distinct decision_id, inclusion_probability from pending_audits where sample_design = 'stratified'
        ) using (decision_id)
    """
    found: list[list[float]] = []
    with duckdb.connect() as connection:
        contracts = {contract.table: contract for contract in load_contracts()}
        Writer(connection, contracts, Scale("draws", 14, 20_000), tmp_path, seed=11, audit_seed=0).make(days)
        truth = one(connection, figures.format("select *, 1 as weight from census_decisions"))
        for draw in range(50):
            connection.execute("delete from pending_audits")
            quality.make_audits(connection, seed=11, audit_seed=1000 + draw)
            found.append(one(connection, figures.format(drawn)))
    for value, values in zip(truth, zip(*found, strict=True), strict=True):
        error = statistics.stdev(values) / math.sqrt(len(values))
        assert error > 0
        assert abs(statistics.mean(values) - value) < 3 * error


def one(connection: duckdb.DuckDBPyConnection, sql: str) -> list[float]:
    return [float(value) for value in connection.execute(sql).fetchall()[0]]
