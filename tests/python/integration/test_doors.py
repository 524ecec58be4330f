"""Two doors, one meaning: what `plumbline land` and a pipeline's own Parquet make of a value, worked out by hand here.

Machine and session may stand in any time zone: everything below runs in that of Los Angeles.
"""

import csv
import datetime as dt
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT, SALT, Project

from plumbline.landing.casts import literal
from plumbline.landing.land import land
from plumbline.landing.mapping import load_mapping

DAY = dt.date(2026, 1, 31)
NOW = dt.datetime(2026, 1, 31, 12, 0, 0)


def at(day: int, hour: int, minute: int = 0, second: int = 0, microsecond: int = 0) -> dt.datetime:
    return dt.datetime(2026, 1, day, hour, minute, second, microsecond)


# What clocks in UTC read; none where nobody can tell, or nobody means it.
INSTANTS: dict[str, dt.datetime | None] = {
    "2026-01-05 09:00:00": at(5, 9),
    "2026-01-05": at(5, 0),
    "2026-1-5 9:00": at(5, 9),
    "2026/01/05 09:00": at(5, 9),
    "2026-01-05T09:00:00Z": at(5, 9),
    "2026-01-05T09:00:00z": at(5, 9),
    "2026-01-05T09:00Z": at(5, 9),
    "2026-01-05 09:00:00 UTC": at(5, 9),
    "2026-01-05 09:00:00 GMT": at(5, 9),
    "2026-01-05T09:00:00+00:00": at(5, 9),
    "2026-01-05T09:00:00-00:00": at(5, 9),
    "2026-01-05T09:00:00+05:30": at(5, 3, 30),
    "2026-01-05T09:00:00+0530": at(5, 3, 30),
    "2026-01-05T09:00:00.000+0530": at(5, 3, 30),
    "2026-01-05T09:00+05:30": at(5, 3, 30),
    "2026-01-05T09:00:00-08:00": at(5, 17),
    "2026-01-05 09:00:00-08": at(5, 17),
    "2026-01-05 09:00:00 -0800": at(5, 17),
    "2026-01-05 09:00:00 -08:00": at(5, 17),
    "2026-01-05 09:00 -0800": at(5, 17),
    "2026-01-05 23:30:00-08:00": at(6, 7, 30),
    "2026-01-01 00:30:00+14:00": dt.datetime(2025, 12, 31, 10, 30),
    "2026-01-05 09:00:00.123456+02": at(5, 7, 0, 0, 123456),
    "2026-01-05 09:00:00,5+02:00": at(5, 7, 0, 0, 500000),
    "2026-01-05T09:00:00.123456789Z": at(5, 9, 0, 0, 123456),
    # Offsets that no clock has, and names of zones: the hour of one comes twice a year, and IST is three zones.
    "2026-01-05 09:00:00+15:00": None,
    "2026-01-05 09:00:00-13:00": None,
    "2026-01-05 09:00:00+25:00": None,
    "2026-01-05 09:00:00+05:75": None,
    "2026-01-05 09:00:00+5": None,
    "2026-01-05 09:00:00 EST": None,
    "2026-01-05 09:00:00 IST": None,
    "2026-01-05 09:00:00 America/New_York": None,
    "2026-01-05 09:00 America/New_York": None,
    "2026-01-05T09:00:00+01:00[Europe/Paris]": None,
    # Days written the other way, which DuckDB reads as of year 5 or 26, and other things that it knows.
    "5/1/26": None,
    "05-01-2026": None,
    "26-01-05": None,
    "0005-01-26 10:00:00": None,
    "1899-12-31 23:59:59": None,
    "2026-02-31": None,
    "2026-01-05 25:00:00": None,
    "2026-01-05 09:00:00 PM": None,
    "epoch": None,
    "infinity": None,
    "1736067600": None,
    "2026-01-05 (BC)": None,
}
# An offset that makes it another day: either might be meant.
DAYS: dict[str, dt.date | None] = {
    "2026-01-05": dt.date(2026, 1, 5),
    "2026/1/5": dt.date(2026, 1, 5),
    "1900-01-01": dt.date(1900, 1, 1),
    "9999-12-31": dt.date(9999, 12, 31),
    "2026-01-05 23:59:59": dt.date(2026, 1, 5),
    "2026-01-05T00:00:00Z": dt.date(2026, 1, 5),
    "2026-01-05T00:00:00-08:00": dt.date(2026, 1, 5),
    "2026-01-05T23:30:00-08:00": None,
    "2026-01-05T00:00:00+05:30": None,
    "2026-01-05 garbage": None,
    "2026-01-05 09:00:00 America/New_York": None,
    "0005-01-26": None,
    "1899-12-31": None,
    "5/1/26": None,
    "2026-02-29": None,
}
IDS: dict[str, str | None] = {
    "7301234567890123452": "7301234567890123452",
    "2232.0": "2232.0",
    "1e5": "1e5",
    "12e18": "12e18",
    "0e": "0e",
    "a+b.c": "a+b.c",
    "nan": "nan",
    "truest": "truest",
    "2026-01-05 10:00:00+00": "2026-01-05 10:00:00+00",
    "7.30123E+18": None,
    "7.301234567890124e+18": None,
    "-7.3e+18": None,
    "7E+18": None,
    "7.301234567890124E18": None,
    "1.5E-05": None,
    "NaN": None,
    "true": None,
    "FALSE": None,
}


@pytest.fixture(scope="module", autouse=True)
def far_from_utc() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "America/Los_Angeles")
        time.tzset()
        yield
    time.tzset()


def write(project: Project, table: str, rows: str, name: str) -> None:
    folder = project.landing.joinpath(*table.split("."), "landed_on=2026-01-31")
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'Asia/Tokyo'")
        connection.execute(f"copy ({rows}) to {literal(f'{folder / name}.parquet')} (format parquet)")


def texts(rows: list[tuple[str, ...]], names: str) -> str:
    quoted = ("(" + ", ".join("'" + text.replace("'", "''") + "'" for text in row) + ")" for row in rows)
    return f"select * from (values {', '.join(quoted)}) as rows({names})"


DECISION = "decision_id, task_id, automation_level, decided_at, outcome"
FRAME = "frame_id, stratum, period_start, period_end, population_count, planned_n"


def decision(name: str, task: str, moment: str) -> tuple[str, ...]:
    return name, task, "none", moment, "remove"


def frame(name: str, day: str) -> tuple[str, ...]:
    return name, "s", day, "9999-12-31", "1", "1"


# Typed columns of a pipeline, as SQL, and what they come to: the instant of a decision, and the id of its task.
TYPED: dict[str, tuple[str, str, dt.datetime | None, str | None]] = {
    "zoned": ("timestamptz '2026-01-05 09:00:00+05:30'", "'t'", at(5, 3, 30), "t"),
    "nanoseconds": ("timestamp_ns '2026-01-05 09:00:00.123456789'", "'t'", at(5, 9, 0, 0, 123456), "t"),
    "milliseconds": ("timestamp_ms '2026-01-05 09:00:00.5'", "'t'", at(5, 9, 0, 0, 500000), "t"),
    "day": ("date '2026-01-05'", "'t'", at(5, 0), "t"),
    "year five": ("timestamp '0005-01-26 00:00:00'", "'t'", None, "t"),
    "number": ("1736067600", "'t'", None, "t"),
    "list of instants": ("[timestamp '2026-01-05 09:00:00']", "'t'", None, "t"),
    "whole double": ("timestamp '2026-01-05 09:00:00'", "123::double", at(5, 9), "123"),
    "long double": ("timestamp '2026-01-05 09:00:00'", "7301234567890123452::double", at(5, 9), None),
    "broken double": ("timestamp '2026-01-05 09:00:00'", "1.5::double", at(5, 9), None),
    "no number": ("timestamp '2026-01-05 09:00:00'", "'nan'::double", at(5, 9), None),
    "whole float": ("timestamp '2026-01-05 09:00:00'", "123::float", at(5, 9), "123"),
    "long float": ("timestamp '2026-01-05 09:00:00'", "16777217::float", at(5, 9), None),
    "decimal": ("timestamp '2026-01-05 09:00:00'", "7301234567890123.00::decimal(38, 2)", at(5, 9), "7301234567890123"),
    "broken decimal": ("timestamp '2026-01-05 09:00:00'", "7301234567890123.50::decimal(38, 2)", at(5, 9), None),
    "long number": ("timestamp '2026-01-05 09:00:00'", "7301234567890123452", at(5, 9), "7301234567890123452"),
    "truth": ("timestamp '2026-01-05 09:00:00'", "true", at(5, 9), None),
    "list": ("timestamp '2026-01-05 09:00:00'", "['t']", at(5, 9), None),
    "struct": ("timestamp '2026-01-05 09:00:00'", "{'task_id': 't'}", at(5, 9), None),
    "map": ("timestamp '2026-01-05 09:00:00'", "map {'task_id': 't'}", at(5, 9), None),
    "universal": (
        "timestamp '2026-01-05 09:00:00'", "'00000000-0000-4000-8000-00000000000e'::uuid", at(5, 9),
        "00000000-0000-4000-8000-00000000000e",
    ),
}  # fmt: skip


def typed(name: str) -> str:
    moment, task, *_ = TYPED[name]
    values = (f"'{name}'", task, "'none'", moment, "'skip'")
    return ", ".join(f"{value} as {column}" for value, column in zip(values, DECISION.split(", "), strict=True))


@pytest.fixture(scope="module")
def doors(new_project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory) -> Project:
    project, folder = new_project("doors", salt=SALT), tmp_path_factory.mktemp("files")
    decisions = [decision(f"at {text}", "t", text) for text in INSTANTS]
    decisions += [decision(f"task {text}", text, "2026-01-05 09:00:00") for text in IDS]
    frames = [frame(text, text) for text in DAYS]
    for table, names, rows in (("moderation.decisions", DECISION, decisions), ("quality.audit_frames", FRAME, frames)):
        write(project, table, texts([("pipe " + row[0], *row[1:]) for row in rows], names), "texts")
        file = folder / f"{table}.csv"
        with file.open("w", newline="") as stream:
            csv.writer(stream).writerows([names.split(", "), *(("land " + row[0], *row[1:]) for row in rows)])
        land(load_mapping("contract", {"table": table}), [file], project.landing, landed_on=DAY, landed_at=NOW)
    for number, name in enumerate(TYPED):
        write(project, "moderation.decisions", f"select {typed(name)}", f"typed-{number}")
        write_alone(folder / f"{number}.parquet", f"select {typed(name).replace(repr(name), repr('land ' + name))}")
    files = [folder / f"{number}.parquet" for number in range(len(TYPED))]
    mapping = load_mapping("contract", {"table": "moderation.decisions"})
    land(mapping, files, project.landing, landed_on=DAY, landed_at=NOW + dt.timedelta(hours=1))
    project.build_up_to("base_moderation__decisions", "stg_quality__audit_frames")
    return project


def write_alone(file: Path, rows: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"copy ({rows}) to '{file}' (format parquet)")


def typed_by(project: Project, table: str, key: str, value: str, fault: str) -> dict[str, object]:
    """What each row's value was typed as, none where that is why it was refused."""
    rows = project.query(
        f"select {key}, case when coalesce(_problems, '') not like '%{fault}%' then {value} end"
        f" from dev_staging.base_{table.replace('.', '__')}"
    )
    return {str(name): found for name, found in rows}


@pytest.mark.parametrize("door", ["land", "pipe"])
def test_a_text_instant_is_its_utc_instant_or_is_refused(doors: Project, door: str) -> None:
    found = typed_by(doors, "moderation.decisions", "decision_id", "decided_at", "untypeable_decided_at")
    assert {text: found.get(f"{door} at {text}") for text in INSTANTS} == INSTANTS


@pytest.mark.parametrize("door", ["land", "pipe"])
def test_a_text_day_is_a_day_or_is_refused(doors: Project, door: str) -> None:
    found = typed_by(doors, "quality.audit_frames", "frame_id", "period_start", "untypeable_period_start")
    assert {text: found.get(f"{door} {text}") for text in DAYS} == DAYS


@pytest.mark.parametrize("door", ["land", "pipe"])
def test_an_id_that_lost_its_digits_is_refused(doors: Project, door: str) -> None:
    found = typed_by(doors, "moderation.decisions", "decision_id", "task_id", "untypeable_task_id")
    assert {text: found.get(f"{door} task {text}") for text in IDS} == IDS


@pytest.mark.parametrize("door", ["land ", ""])
def test_a_typed_value_is_itself_or_is_refused(doors: Project, door: str) -> None:
    moments = typed_by(doors, "moderation.decisions", "decision_id", "decided_at", "untypeable_decided_at")
    tasks = typed_by(doors, "moderation.decisions", "decision_id", "task_id", "untypeable_task_id")
    for name, (_, _, moment, task) in TYPED.items():
        # What `land` refuses never arrives; what a pipeline landed is there with its reason.
        is_whole = moment is not None and task is not None
        expected = (moment, task) if is_whole or not door else (None, None)
        assert (moments.get(door + name), tasks.get(door + name)) == expected, name


def test_what_a_pipeline_landed_and_nobody_can_type_says_so(doors: Project) -> None:
    reasons = dict(
        doors.query(
            "select decision_id, _problems from dev_staging.base_moderation__decisions where decision_id in"
            " ('list', 'struct', 'map', 'truth', 'long double', 'year five', 'list of instants')"
        )
    )
    assert reasons == {
        **dict.fromkeys(("list", "struct", "map", "truth", "long double"), "untypeable_task_id"),
        **dict.fromkeys(("year five", "list of instants"), "untypeable_decided_at"),
    }


def test_what_a_column_is_called_breaks_no_build(new_project: Callable[..., Project]) -> None:
    """Names that DuckDB gives columns of its own, a comma and a space in a name, a struct with the contract's names."""
    project = new_project("names", salt=SALT)
    good = typed("whole double")
    odd = "'x' as filename, 7 as file_row_number, 1 as \"a, varchar\", {'market': 'DE', 'task_id': 'z'} as nested"
    write(project, "moderation.decisions", f"select {good}, {odd}", "odd")
    write(project, "moderation.decisions", f"select {good.replace('whole double', 'two')}, {odd}", "odd_too")
    # Many row groups, read by many threads: rows are still numbered as they lie in the file.
    many = f"select range::varchar as content_id, {good.replace('whole double', 'many')}, {odd} from range(300000)"
    write(project, "moderation.decisions", many.replace("'many'", "'many ' || range"), "many")
    task = "'t' as TASK_ID, 'q' as Queue_Id, 'other' as ORIGIN, false as is_gold, timestamp '2026-01-05' as enqueued_at"
    technical = "7 as _source_system, '2026-01-05T09:00:00+05:30' as _landed_at"
    write(project, "moderation.tasks", f"select {task}, {technical}", "t")
    project.build_up_to("base_moderation__decisions", "base_moderation__tasks")
    assert project.query(
        "select decision_id, market, task_id, _row, _line, _problems from dev_staging.base_moderation__decisions"
        " where decision_id not like 'many %' order by 1"
    ) == [("two", None, "123", 0, 1, None), ("whole double", None, "123", 0, 1, None)]
    assert project.query(
        "select count(*), count(*) filter (where decision_id = 'many ' || _row and _line = _row + 1)"
        " from dev_staging.base_moderation__decisions where decision_id like 'many %'"
    ) == [(300_000, 300_000)]
    assert project.query(
        "select task_id, queue_id, _source_system, _landed_at from dev_staging.base_moderation__tasks"
    ) == [("t", "q", "7", at(5, 3, 30))]


def test_two_columns_that_only_capitals_tell_apart_stop_the_build(new_project: Callable[..., Project]) -> None:
    project = new_project("twice", salt=SALT)
    write(project, "moderation.decisions", f"select {typed('whole double')}, 'DE' as market, 'AT' as xxxxxx", "twice")
    # DuckDB writes no such file; other tools do.
    (file,) = project.landing.rglob("twice.parquet")
    file.write_bytes(file.read_bytes().replace(b"xxxxxx", b"MARKET"))
    result = project.dbt("build", "--select", "+base_moderation__decisions")
    assert not result.success
    (message,) = result.messages
    assert "twice.parquet: two columns are called market" in message
    assert "Nothing was changed" in message


# Each as a name, and what it would match as a pattern.
ROOTS = {
    "T&S [prod]": "T&S p",
    "a*b": "ab",
    "a?b": "axb",
    "[!a]": "b",
    "it's 100% é  [a": "it's",
    "~": "home",
    "{a,b}": "a",
}
HEADER = FRAME.replace(" ", "")


def test_a_landing_is_found_again_whatever_it_is_called(tmp_path: Path) -> None:
    file = tmp_path / "frames.csv"
    file.write_text(f"{HEADER}\nf,s,2026-01-01,2026-01-07,1,1\n")
    for root in [*ROOTS, *ROOTS.values()]:
        landing = tmp_path / root / "landing"
        mapping = load_mapping("contract", {"table": "quality.audit_frames"})
        (first,) = land(mapping, [file], landing, landed_on=DAY, landed_at=NOW)
        (second,) = land(mapping, [file], landing, landed_on=DAY, landed_at=NOW)
        assert (first.landed, second.already_landed) == (1, True), root


@dataclass
class Elsewhere(Project):
    """A project whose landing is given as it is."""

    root_of_landing: str = ""

    @property
    def landing(self) -> Path:
        return Path(self.root_of_landing)

    def environment(self) -> dict[str, str]:
        return super().environment() | {"PLUMBLINE_LANDING": self.root_of_landing}


@pytest.mark.parametrize("root", ["FOLDER/" + "/".join(ROOTS), "RELATIVE//landing/./x//"])
def test_a_build_reads_a_landing_whatever_it_is_called(tmp_path: Path, root: str) -> None:
    """Folders of every such name one in another, and files of such names in them; none of their neighbours."""
    relative = os.path.relpath(tmp_path, ROOT)
    project = Elsewhere(
        tmp_path / "own",
        salt=SALT,
        root_of_landing=root.replace("FOLDER", str(tmp_path)).replace("RELATIVE", relative),
    )
    landing = project.landing if project.landing.is_absolute() else ROOT / project.landing
    file = tmp_path / "frames.csv"
    file.write_text(f"{HEADER}\nland,s,2026-01-01,2026-01-07,1,1\n")
    mapping = load_mapping("contract", {"table": "quality.audit_frames"})
    land(mapping, [file], landing, landed_on=DAY, landed_at=NOW)
    neighbour = Elsewhere(tmp_path / "other", root_of_landing="/".join([str(tmp_path), *ROOTS.values()]))
    write(neighbour, "quality.audit_frames", texts([frame("neighbour", "2026-01-01")], FRAME), "a")
    names = ["a", "[a]", "*", "it's 100% é"]
    expected: list[tuple[object, ...]] = [("land", 1)]
    for part in (names[:2], names[2:]):
        for name in part:
            there = Elsewhere(project.folder, root_of_landing=str(landing))
            rows = texts([frame(name, "2026-01-01")], FRAME)
            write(there, "quality.audit_frames", rows, name)
        # The second build asks what the first has seen.
        project.build_up_to("stg_quality__audit_frames", "stg_landing__files")
        expected += [(name, 1) for name in part]
        assert project.query(
            "select frame_id, count(*) from dev_staging.base_quality__audit_frames group by 1 order by 1"
        ) == sorted(expected, key=lambda row: str(row[0]).encode())
        ((files,),) = project.query(
            "select count(*) from dev_staging.stg_landing__files where landed_on = '2026-01-31'"
        )
        assert files == len(expected)


def test_a_landing_that_cannot_be_listed_is_refused_at_both_doors(tmp_path: Path) -> None:
    landing = tmp_path / "a\\b"
    file = tmp_path / "frames.csv"
    file.write_text(f"{HEADER}\nf,s,2026-01-01,2026-01-07,1,1\n")
    with pytest.raises(ValueError, match="has a backslash; choose another landing"):
        land(load_mapping("contract", {"table": "quality.audit_frames"}), [file], landing, landed_on=DAY, landed_at=NOW)
    assert not landing.exists()
    project = Elsewhere(tmp_path / "own", salt=SALT, root_of_landing=str(landing))
    result = project.dbt("build", "--select", "+stg_quality__audit_frames")
    assert not result.success
    assert "has a backslash; choose another landing" in " ".join(" ".join(result.messages).split())


# Functions of DuckDB that take a path for a pattern.
READERS = re.compile(
    r"(?<![.\w])(?:(?:read|sniff)_(?:parquet|csv|csv_auto|json|json_auto|ndjson|text|blob)|glob"
    r"|parquet_(?:scan|schema|metadata|file_metadata|kv_metadata))\("
)


def test_a_path_becomes_a_pattern_in_one_place_alone() -> None:
    """Every call that takes a path for a pattern takes it from `pattern`, or from macros/landing/paths.sql."""
    calls = 0
    folders = ("macros", "models", "analyses", "python_models", "src")
    for file in [file for name in folders for file in (ROOT / name).rglob("*") if file.suffix in (".sql", ".py")]:
        text = file.read_text(encoding="utf-8")
        for call in READERS.finditer(text):
            given = text[call.end() : call.end() + 200]
            if file.suffix == ".sql":
                assert re.match(r"""\[?["']?\s*(?:~|\{\{)\s*(?:path_literals?|landing_pattern)\(""", given), (
                    file,
                    given,
                )
            else:
                assert given.startswith("?"), (file, given)
                assert "pattern(" in given, (file, given)
            calls += 1
    assert calls > 5
