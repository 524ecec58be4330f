"""A sample's facts and marts beside what happened, in one session: its census, and the last version of what landed."""

from pathlib import Path

import duckdb
from conftest import ROOT, Project

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
    "mart_satisfaction",
    "mart_support_experience",
    "mart_turnaround_cohorts",
)
# Which policy a moderator named is in the files: some name codes that nobody knows.
POLICY = f"""coalesce(
    case when policy_code in (select policy_code from '{ROOT}/seeds/reference/policies.csv') then policy_code
        when policy_code is not null then '(unmapped)' end,
    '(none)'
)"""
# Rows of tickets and of who was asked how it was, as the files tell them.
TICKETS = """(
    with solved as (
        select ticket_id, min(updated) as first_solved_at, max(updated) as last_solved_at,
        from happened_ticket_field_history
        where field_name = 'status' and value in ('solved', 'closed') group by ticket_id
    ), status as (
        select ticket_id, arg_max(value, updated) as last_status from happened_ticket_field_history
        where field_name = 'status' group by ticket_id
    ), reopened as (
        select distinct h.ticket_id from happened_ticket_field_history as h inner join solved as s using (ticket_id)
        where h.field_name = 'status' and h.value = 'open' and h.updated > s.first_solved_at
    ), replied as (
        select c.ticket_id, count(*) as replies, min(c.created_at) as replied_at
        from happened_ticket_comment as c
        inner join happened_user as u on u.id = c.user_id
        inner join happened_ticket as t on t.id = c.ticket_id
        where c.is_public and u.role = 'agent' and c.created_at > t.created_at group by c.ticket_id
    )
    select t.id, t.group_id, t.via_channel as channel, t.priority, t.created_at, s.first_solved_at, s.last_solved_at,
        last_status, r.replies, r.replied_at, o.ticket_id is not null as is_reopened
    from happened_ticket as t left join solved as s on s.ticket_id = t.id left join status as l on l.ticket_id = t.id
    left join replied as r on r.ticket_id = t.id left join reopened as o on o.ticket_id = t.id
)"""
ASKED = """(
    select t.group_id, t.via_channel as channel, t.priority, asked.* from (
        select 'rating' as instrument, ticket_id, created_at as asked_at, true as is_answered, score = 1 as is_satisfied
        from happened_satisfaction_rating
        union all
        select 'survey: ' || question, ticket_id, asked_at, score is not null, coalesce(score in (4, 5), false)
        from happened_survey_responses
    ) as asked inner join happened_ticket as t on t.id = asked.ticket_id
)"""
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
