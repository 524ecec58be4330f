"""Business time: what int_schedule_pieces and its macros say, held against a reckoning by hand in each time zone."""

import csv
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import duckdb
import pytest
from conftest import ROOT, Project
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Both changing days of 2026 lie between these in every zone below.
FIRST, LAST = datetime(2026, 2, 20), datetime(2026, 11, 20)
OPENINGS = [
    ("berlin", "Europe/Berlin", 7, "00:00", "06:00"),
    ("berlin", "Europe/Berlin", 7, "05:00", "07:00"),
    ("berlin", "Europe/Berlin", 1, "09:00", "17:30"),
    ("new_york", "America/New_York", 6, "18:00", "24:00"),
    ("new_york", "America/New_York", 7, "00:00", "04:00"),
    ("new_york", "America/New_York", 3, "08:15", "12:00"),
    # Half an hour of daylight saving.
    ("lord_howe", "Australia/Lord_Howe", 7, "00:00", "24:00"),
    # South of the equator forward in September, back in April.
    ("auckland", "Pacific/Auckland", 7, "00:00", "06:00"),
    # Begin and end in the hour that comes twice, and in the one that does not come.
    ("from_two", "Europe/Berlin", 7, "02:00", "06:00"),
    ("to_half_past_two", "Europe/Berlin", 7, "00:00", "02:30"),
    ("from_half_past_two", "Europe/Berlin", 7, "02:30", "06:00"),
    ("within", "Europe/Berlin", 7, "02:30", "03:15"),
    ("within", "Europe/Berlin", 7, "01:15", "02:15"),
    # Midnight comes twice, or not at all.
    ("havana", "America/Havana", 7, "00:00", "04:00"),
    ("havana", "America/Havana", 6, "20:00", "24:00"),
    ("manila", "Asia/Manila", 5, "20:00", "24:00"),
    ("manila", "Asia/Manila", 6, "00:00", "05:00"),
]
HOLIDAYS = [("berlin", date(2026, 3, 30)), ("new_york", date(2026, 5, 3))]
SCHEDULES = sorted({opening[0] for opening in OPENINGS})


@dataclass
class Clock:
    """The macros, compiled once, on the warehouse that holds the calendar."""

    connection: duckdb.DuckDBPyConnection
    between: str
    end: str

    def seconds(self, rows: list[tuple[str | None, datetime, datetime]]) -> list[float | None]:
        self._ask(rows, "schedule_id varchar, from_at timestamp, to_at timestamp")
        answers = self.connection.execute(self.between).fetchall()
        return [None if value is None else float(value) for (value,) in answers]

    def ends(self, rows: list[tuple[str | None, datetime, int]]) -> list[datetime]:
        self._ask(rows, "schedule_id varchar, from_at timestamp, seconds bigint")
        return [value for (value,) in self.connection.execute(self.end).fetchall()]

    def _ask(self, rows: list[tuple[object, ...]], columns: str) -> None:
        self.connection.execute(f"create or replace temp table asked (number integer, {columns})")
        self.connection.executemany(
            "insert into asked values (?, ?, ?, ?)", [(number, *row) for number, row in enumerate(rows)]
        )


@pytest.fixture(scope="module")
def clock(new_project: Callable[..., Project]) -> Iterator[Clock]:
    project = new_project("business_time")
    seeds = project.folder / "seeds_of_schedules"
    shutil.copytree(ROOT / "seeds", seeds)
    for name, head, rows in (
        ("schedules", ("schedule_id", "time_zone", "iso_weekday", "opens", "closes"), OPENINGS),
        ("schedule_holidays", ("schedule_id", "holiday_on", "holiday_name"), [(*row, "closed") for row in HOLIDAYS]),
    ):
        with (seeds / "reference" / f"{name}.csv").open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([head, *rows])
    project.use_seeds(seeds)
    folder = project.landing / "moderation" / "tasks" / "landed_on=2026-03-01"
    folder.mkdir(parents=True)
    duckdb.sql(
        f"""
        copy (
            select 't' as task_id, 'live' as queue_id, 'other' as origin, false as is_gold,
                timestamp '{FIRST}' as enqueued_at, 'sample' as _source_system
        ) to '{folder / "file.parquet"}' (format parquet)
        """
    )
    project.build("--select", "+int_schedule_open_hours", "--exclude-resource-type", "test")
    between = project.compiled(
        "select {{ business_seconds('asked.schedule_id', 'a', 'asked.from_at', 'b', 'asked.to_at') }} from asked"
        " {{ schedule_join('a', 'asked.schedule_id', 'asked.from_at') }}"
        " {{ schedule_join('b', 'asked.schedule_id', 'asked.to_at') }} order by number"
    )
    end = project.compiled(
        "select {{ business_end('asked.schedule_id', 'e', 'a', 'asked.from_at', 'asked.seconds') }} from asked"
        " {{ schedule_join('a', 'asked.schedule_id', 'asked.from_at') }}"
        " {{ schedule_end_join('e', 'asked.schedule_id', 'a', 'asked.from_at', 'asked.seconds') }} order by number"
    )
    with project.connect() as connection:
        yield Clock(connection, between, end)


def by_hand(schedule: str, start: datetime, end: datetime) -> int:
    """Open seconds, by asking at each second that matters whether the clock on the wall lies in an opening."""
    seconds = 0
    zone = {name: ZoneInfo(zone) for name, zone, *_ in OPENINGS}[schedule]
    marks = {start, end}
    instant = start.replace(second=0, microsecond=0)
    # Openings begin and end at whole quarters of an hour in every zone used here, in UTC as well.
    instant -= timedelta(minutes=instant.minute % 15)
    while instant < end:
        if start < instant:
            marks.add(instant)
        instant += timedelta(minutes=15)
    ordered = sorted(marks)
    for left, right in pairwise(ordered):
        if is_open(schedule, left.replace(tzinfo=UTC).astimezone(zone)):
            seconds += int((right - left).total_seconds())
    return seconds


def is_open(schedule: str, wall: datetime) -> bool:
    if (schedule, wall.date()) in HOLIDAYS:
        return False
    reading = f"{wall:%H:%M}"
    return any(
        name == schedule and wall.isoweekday() == weekday and opens <= reading < closes
        for name, _, weekday, opens, closes in OPENINGS
    )


instants = st.datetimes(FIRST, LAST).map(lambda instant: instant.replace(microsecond=0))
# So early that what they ask for ends within the calendar, whatever the schedule.
starts = st.datetimes(FIRST, datetime(2026, 6, 1)).map(lambda instant: instant.replace(microsecond=0))
questions = st.lists(st.tuples(st.sampled_from(SCHEDULES), instants, instants), min_size=1, max_size=30)
few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@few
@given(questions)
def test_business_time_is_neither_negative_nor_longer_than_the_clock(
    clock: Clock, asked: list[tuple[str, datetime, datetime]]
) -> None:
    rows = [(name, min(a, b), max(a, b)) for name, a, b in asked]
    for (_, start, end), seconds in zip(rows, clock.seconds(rows), strict=True):
        assert seconds is not None
        assert 0 <= seconds <= (end - start).total_seconds()


@few
@given(questions, st.floats(0, 1))
def test_business_time_adds_up_over_a_split_and_any_order_of_rows(
    clock: Clock, asked: list[tuple[str, datetime, datetime]], share: float
) -> None:
    rows = [(name, min(a, b), max(a, b)) for name, a, b in asked]
    # Requeue, escalation or hold: wherever a chain is cut, its parts make the whole.
    cuts = [start + timedelta(seconds=int((end - start).total_seconds() * share)) for _, start, end in rows]
    whole = clock.seconds(rows)
    first = clock.seconds([(name, start, cut) for (name, start, _), cut in zip(rows, cuts, strict=True)])
    second = clock.seconds([(name, cut, end) for (name, _, end), cut in zip(rows, cuts, strict=True)])
    assert whole == [(a or 0) + (b or 0) for a, b in zip(first, second, strict=True)]
    assert whole[::-1] == clock.seconds(rows[::-1])


@few
@given(st.lists(st.tuples(st.sampled_from(SCHEDULES), instants, st.integers(0, 12 * 86_400)), min_size=1, max_size=10))
def test_business_time_is_what_the_clocks_on_the_wall_say(clock: Clock, asked: list[tuple[str, datetime, int]]) -> None:
    rows = [(name, start, min(start + timedelta(seconds=length), LAST)) for name, start, length in asked]
    rows = [row for row in rows if row[1] <= row[2]]
    assert clock.seconds(rows) == [by_hand(*row) for row in rows]


@pytest.mark.parametrize(
    ("schedule", "start", "end", "hours"),
    [
        # Clocks go forward at 01:00 UTC: from midnight to seven are six hours, and back at 01:00 UTC: eight.
        ("berlin", datetime(2026, 3, 28, 12), datetime(2026, 3, 29, 12), 6),
        ("berlin", datetime(2026, 10, 24, 12), datetime(2026, 10, 25, 12), 8),
        # Forward at 07:00 UTC, between 00:00 and 04:00 of the wall: three hours.
        ("new_york", datetime(2026, 3, 8, 5), datetime(2026, 3, 8, 12), 3),
        # Back at 06:00 UTC: from midnight to four are five hours.
        ("new_york", datetime(2026, 11, 1, 4), datetime(2026, 11, 1, 12), 5),
        # A holiday from midnight: only the evening before counts.
        ("new_york", datetime(2026, 5, 2, 12), datetime(2026, 5, 3, 12), 6),
        # Half an hour forward on 4 October, back on 5 April.
        ("lord_howe", datetime(2026, 10, 3, 12), datetime(2026, 10, 4, 14), 23.5),
        ("lord_howe", datetime(2026, 4, 4, 12), datetime(2026, 4, 5, 14), 24.5),
        ("auckland", datetime(2026, 9, 26, 10), datetime(2026, 9, 26, 20), 5),
        ("auckland", datetime(2026, 4, 4, 10), datetime(2026, 4, 4, 20), 7),
        # In Berlin the wall reads 02:00 to 03:00 twice on 25 October, and not at all on 29 March.
        ("from_two", datetime(2026, 10, 24, 12), datetime(2026, 10, 25, 12), 5),
        ("to_half_past_two", datetime(2026, 10, 24, 12), datetime(2026, 10, 25, 12), 3),
        ("from_half_past_two", datetime(2026, 10, 24, 12), datetime(2026, 10, 25, 12), 4),
        ("within", datetime(2026, 10, 24, 12), datetime(2026, 10, 25, 12), 2.5),
        ("from_two", datetime(2026, 3, 28, 12), datetime(2026, 3, 29, 12), 3),
        ("to_half_past_two", datetime(2026, 3, 28, 12), datetime(2026, 3, 29, 12), 2),
        ("from_half_past_two", datetime(2026, 3, 28, 12), datetime(2026, 3, 29, 12), 3),
        ("within", datetime(2026, 3, 28, 12), datetime(2026, 3, 29, 12), 1),
        # In Havana from midnight to four: midnight comes an hour late on 8 March, and twice on 1 November.
        ("havana", datetime(2026, 3, 8, 5), datetime(2026, 3, 8, 12), 3),
        ("havana", datetime(2026, 11, 1, 4), datetime(2026, 11, 1, 12), 5),
        # No daylight saving.
        ("manila", datetime(2026, 3, 6, 12), datetime(2026, 3, 6, 21), 9),
    ],
)
def test_both_changing_days_in_four_zones(
    clock: Clock, schedule: str, start: datetime, end: datetime, hours: float
) -> None:
    assert clock.seconds([(schedule, start, end)]) == [hours * 3600]


@few
@given(st.lists(st.tuples(st.sampled_from(SCHEDULES), starts, st.integers(1, 200_000)), min_size=1, max_size=30))
def test_the_end_of_so_much_business_time_is_the_first_instant_by_which_it_has_passed(
    clock: Clock, asked: list[tuple[str, datetime, int]]
) -> None:
    ends = clock.ends(asked)
    assert clock.seconds([(name, start, end) for (name, start, _), end in zip(asked, ends, strict=True)]) == [
        seconds for *_, seconds in asked
    ]
    before = clock.seconds(
        [(name, start, end - timedelta(seconds=1)) for (name, start, _), end in zip(asked, ends, strict=True)]
    )
    assert before == [seconds - 1 for *_, seconds in asked]


def test_whoever_names_no_schedule_has_no_business_time_and_is_due_by_the_clock(clock: Clock) -> None:
    start = datetime(2026, 3, 29, 0, 30)
    assert clock.seconds([(None, start, start + timedelta(hours=5))]) == [None]
    assert clock.ends([(None, start, 7200)]) == [start + timedelta(hours=2)]
