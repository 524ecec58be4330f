"""What is asked for: metric, period, scope and slice, each found in the warehouse or refused with what is there."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import NoReturn

import duckdb

from plumbline.landing.naming import nearest_or_all

PERIODS = (
    ("day", re.compile(r"\d{4}-\d{2}-\d{2}"), "cast(calendar_on as varchar)", "calendar_on"),
    ("week", re.compile(r"\d{4}-W\d{2}"), "week_label", "week_starting_on"),
    ("month", re.compile(r"\d{4}-\d{2}"), "month_label", "month_starting_on"),
    ("quarter", re.compile(r"FY\d{4}-Q[1-4]"), "fiscal_quarter_label", "fiscal_quarter_starting_on"),
    ("quarter", re.compile(r"\d{4}-Q[1-4]"), "quarter_label", "fiscal_quarter_starting_on"),
)


@dataclass(frozen=True)
class Period:
    """A period as people write it, with its first and last day."""

    label: str
    grain: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Cell:
    """Where a figure stands in rpt_metric_values."""

    metric_id: str
    period: Period
    scope_type: str
    scope: str
    slice_type: str
    slice: str

    @property
    def place(self) -> dict[str, object]:
        """The columns that name the row."""
        return {
            "metric_id": self.metric_id,
            "grain": self.period.grain,
            "scope_type": self.scope_type,
            "scope": self.scope,
            "slice_type": self.slice_type,
            "slice": self.slice,
            "period_start": self.period.first,
        }


def period(connection: duckdb.DuckDBPyConnection, marts: str, label: str) -> Period:
    """The period of that label: 2026-06-03, 2026-W23, 2026-06, 2026-Q2 or FY2026-Q2.

    Raises:
        ValueError: where it is no period, or one of which there are no days.
    """
    for grain, form, column, start in PERIODS:
        if not form.fullmatch(label):
            continue
        row = connection.execute(
            f"select min(calendar_on), max(calendar_on), min({start}), max({start})"
            f" from {marts}.dim_date where {column} = $1",
            [label],
        ).fetchone()
        if row is None or row[0] is None:
            break
        first, last, earliest, latest = row
        if earliest != latest:
            raise ValueError(
                f"{label} is a quarter of the calendar, and quarters here are of the fiscal year: say FY{label}"
            )
        return Period(label, grain, first, last)
    raise ValueError(
        f"{label!r} is no period here: write a day (2026-06-03), week (2026-W23), month (2026-06) or quarter (2026-Q2)"
    )


def member(text: str | None) -> tuple[str, str]:
    """Kind and member of `kind=member`; all and all of nothing.

    Raises:
        ValueError: where it is neither.
    """
    if text is None or text == "all":
        return "all", "all"
    kind, equals, name = text.partition("=")
    if not equals or not kind or not name:
        raise ValueError(f"{text!r} is not KIND=MEMBER, as in site=dublin")
    return kind, name


def refuse(connection: duckdb.DuckDBPyConnection, reports: str, cell: Cell, allowed_slices: str) -> NoReturn:
    """Say why rpt_metric_values has no row of a cell.

    Raises:
        ValueError: always, with the first thing that is not there and what is.
    """
    table, given = f"{reports}.rpt_metric_values", cell.place
    asked: dict[str, object] = {"metric_id": given["metric_id"], "grain": given["grain"]}
    for name in ("scope_type", "scope", "slice_type", "slice"):
        where = " and ".join(f"{column} = ${place + 1}" for place, column in enumerate(asked))
        rows = connection.execute(f"select distinct {name} from {table} where {where}", list(asked.values())).fetchall()
        known = sorted(str(row[0]) for row in rows)
        if not known:
            raise ValueError(f"{cell.metric_id} has no rows by {cell.period.grain}")
        if given[name] not in known:
            more = f"; its slices: {allowed_slices}" if name == "slice_type" else ""
            raise ValueError(
                f"{cell.metric_id} has no {name.replace('_', ' ')} {given[name]!r}"
                f"{nearest_or_all(str(given[name]), known)}{more}"
            )
        asked[name] = given[name]
    where = " and ".join(f"{column} = ${place + 1}" for place, column in enumerate(asked))
    row = connection.execute(
        f"select min(period_start), max(period_start) from {table} where {where}", list(asked.values())
    ).fetchone()
    first, last = row or (None, None)
    raise ValueError(
        f"{cell.metric_id} has nothing for {cell.period.label} there:"
        f" its {cell.period.grain}s go from {first} to {last}"
    )
