"""The floor's tables against the project's: `except all`, both ways."""

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
    Same("decisions", "dev_marts.fct_decisions", "decided_on"),
    Same("int_tasks", "dev_intermediate.int_tasks"),
    Same("int_decisions_daily", "dev_intermediate.int_decisions_daily"),
    Same("int_tasks_daily", "dev_intermediate.int_tasks_daily"),
    Same("int_turnaround_histogram", "dev_intermediate.int_turnaround_histogram"),
)
# Days that are compared at once: the fact is a view over joins, which whole would fill memory and then a disk.
DAYS_AT_ONCE = 40


def differing_rows(floor: Path, warehouse: Path) -> dict[str, int]:
    """Rows that only one of the two databases has, by table of the floor; all must be none."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set preserve_insertion_order = false; set enable_progress_bar = false")
        connection.execute(f"attach '{floor}' as floor (read_only)")
        return {same.floor: _differing_rows(connection, same) for same in SAME}


def _differing_rows(connection: duckdb.DuckDBPyConnection, same: Same) -> int:
    columns = ", ".join(row[0] for row in connection.execute(f"describe floor.{same.floor}").fetchall())
    bounds = " union all ".join(
        f"select min({same.day}) as first_day, max({same.day}) as last_day from {table}"
        for table in (f"floor.{same.floor}", same.project)
    )
    stretches = connection.execute(
        f"""
        select unnest(generate_series(min(first_day), max(last_day), interval {DAYS_AT_ONCE} day))::date from ({bounds})
        """
    ).fetchall()
    found = 0
    for (start,) in stretches:
        of_days = f"where {same.day} between date '{start}' and date '{start}' + {DAYS_AT_ONCE - 1}"
        theirs = f"select {columns} from floor.{same.floor} {of_days}"
        ours = f"select {columns} from {same.project} {of_days}"
        for one, other in ((theirs, ours), (ours, theirs)):
            (rows,) = connection.execute(f"select count(*) from ({one} except all {other})").fetchall()[0]
            found += int(rows)
    return found
