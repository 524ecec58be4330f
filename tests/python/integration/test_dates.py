"""The days that BI tools join by, beside what Python's calendar says of them."""

import calendar
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Project

pytestmark = pytest.mark.slow


def fiscal(day: dt.date, starts_in: int) -> tuple[str, dt.date]:
    """The label of its fiscal quarter and the first day of that, month by month from the beginning of the year."""
    began = dt.date(day.year if day.month >= starts_in else day.year - 1, starts_in, 1)
    firsts = [began]
    for _ in range(3):
        month = firsts[-1].month + 3
        firsts.append(dt.date(firsts[-1].year + (month > 12), (month - 1) % 12 + 1, 1))
    quarter = max(number for number, first in enumerate(firsts, 1) if first <= day)
    # It ends with the month before the one in which the next begins.
    ends = dt.date(began.year + 1, starts_in, 1) - dt.timedelta(days=1)
    return f"FY{ends.year}-Q{quarter}", firsts[quarter - 1]


@pytest.mark.parametrize("starts_in", [1, 3, 10])
def test_days_are_called_what_they_are_called(
    starts_in: int, tiny_sample: Path, new_project: Callable[..., Project]
) -> None:
    project = new_project(f"dates_{starts_in}")
    project.landing.symlink_to(tiny_sample)
    project.build(
        "--exclude-resource-type", "test", "--select", "+dim_date", "--vars", f"fiscal_year_starts_in: {starts_in}"
    )
    rows = project.query(
        "select calendar_on, iso_year, iso_week, iso_weekday, week_label, month_label, month_name, weekday_name,"
        " quarter_label, fiscal_quarter_label, fiscal_quarter_starting_on, fiscal_year from dev_marts.dim_date"
        " order by calendar_on"
    )
    # From the year before the first that a row may be of to the year after the sample.
    days = dt.date(2028, 1, 1) - dt.date(1989, 1, 1)
    assert [row[0] for row in rows] == [dt.date(1989, 1, 1) + dt.timedelta(days=n) for n in range(days.days)]
    for (
        day,
        year,
        week,
        weekday,
        week_label,
        month_label,
        month,
        weekday_name,
        quarter,
        label,
        first,
        fiscal_year,
    ) in rows:
        assert isinstance(day, dt.date)
        assert (year, week, weekday) == tuple(day.isocalendar())
        assert week_label == f"{year}-W{week:02}"
        assert (month_label, month) == (f"{day:%Y-%m}", calendar.month_name[day.month])
        assert weekday_name == calendar.day_name[day.weekday()]
        assert quarter == f"{day.year}-Q{(day.month - 1) // 3 + 1}"
        assert (label, first) == fiscal(day, starts_in)
        assert str(label).startswith(f"FY{fiscal_year}-")


def test_the_last_complete_periods_are_those_before_the_day_that_is_known_up_to(tiny: Project) -> None:
    ((known,),) = tiny.query("select as_of_day from dev_intermediate.int_as_of")
    assert isinstance(known, dt.date)
    last = {
        name: [row[0] for row in tiny.query(f"select calendar_on from dev_marts.dim_date where {name} order by 1")]
        for name in ("is_last_complete_week", "is_last_complete_month", "is_last_complete_fiscal_quarter")
    }
    monday = known - dt.timedelta(days=known.weekday())
    assert last["is_last_complete_week"] == [monday - dt.timedelta(days=n) for n in range(7, 0, -1)]
    month = [day for day in last["is_last_complete_month"] if isinstance(day, dt.date)]
    assert (month[0].day, month[-1] + dt.timedelta(days=1)) == (1, known.replace(day=1))
    quarter = [day for day in last["is_last_complete_fiscal_quarter"] if isinstance(day, dt.date)]
    assert 90 <= len(quarter) <= 92
    assert quarter[-1] + dt.timedelta(days=1) == dt.date(known.year, (known.month - 1) // 3 * 3 + 1, 1)
    ((over, first, last),) = tiny.query(
        "select max(calendar_on) filter (where is_over), min(calendar_on) filter (where is_reported),"
        " max(calendar_on) filter (where is_reported) from dev_marts.dim_date"
    )
    assert (over, last) == (known - dt.timedelta(days=1),) * 2
    assert [(first,)] == tiny.query("select first_day from dev_intermediate.int_calendar")
