"""The floor's tables against the project's: the same rows on each day, as often."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Same:
    """A table that the floor makes, and the project's of the same rows."""

    floor: str
    project: str
    day: str = "event_on"


SAME = (
    Same(
        "decisions",
        "(select * from dev_marts.fct_decisions inner join dev_marts.fct_decision_people"
        " using (decision_id, decided_on))",
        "decided_on",
    ),
    Same("int_tasks", "dev_intermediate.int_tasks"),
    Same("int_decisions_daily", "dev_intermediate.int_decisions_daily"),
    Same("int_tasks_daily", "dev_intermediate.int_tasks_daily"),
    Same("int_turnaround_histogram", "dev_intermediate.int_turnaround_histogram"),
)


# Days that are summed at once: the fact is a view over joins, which whole would fill memory and then a disk.
DAYS_AT_ONCE = 40


def differing_rows(floor: Path, warehouse: Path) -> dict[str, int]:
    """Rows that only one of the two databases has, by table of the floor; all must be none."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set preserve_insertion_order = false; set enable_progress_bar = false")
        connection.execute(f"attach '{floor}' as floor (read_only)")
        connection.execute(f"attach '{warehouse}.people' as people (read_only)")
        return {same.floor: _differing_rows(connection, same) for same in SAME}


def _differing_rows(connection: duckdb.DuckDBPyConnection, same: Same) -> int:
    """Of days whose rows differ in number or in the sum of their hashes, the rows that `except all` leaves.

    To sort out whole tables of this size takes hours and says the same: sums of 64-bit hashes of two different sets of
    rows are equal once in 10^19.
    """
    columns = ", ".join(
        f"cast({name} as {kind}) as {name}"
        for name, kind, *_ in connection.execute(f"describe floor.{same.floor}").fetchall()
    )
    sides = [f"select {columns} from {table}" for table in (f"floor.{same.floor}", same.project)]
    bounds = " union all ".join(
        f"select min({same.day}) as first, max({same.day}) as last from ({one})" for one in sides
    )
    (first, last) = connection.execute(f"select min(first), max(last) from ({bounds})").fetchall()[0]
    days: set[dt.date] = set()
    while first <= last:
        of_days = f"where {same.day} between date '{first}' and date '{first}' + {DAYS_AT_ONCE - 1}"
        sums = [
            connection.execute(
                f"select {same.day}, count(*), sum(hash(rows_)) from ({side} {of_days}) as rows_ group by 1"
            ).fetchall()
            for side in sides
        ]
        days.update(day for day, *_ in set(sums[0]) ^ set(sums[1]))
        first += dt.timedelta(days=DAYS_AT_ONCE)
    found = 0
    for day in sorted(days):
        ours, theirs = (f"{side} where {same.day} = $1" for side in sides)
        for one, other in ((theirs, ours), (ours, theirs)):
            (rows,) = connection.execute(f"select count(*) from (({one}) except all ({other}))", [day]).fetchall()[0]
            found += int(rows)
    return found
