"""Files that mean harm, or mean well and are broken: landed as they are, or refused with a reason; never half."""

import csv
import datetime as dt
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from plumbline.cli import main
from plumbline.landing.land import Outcome, land
from plumbline.landing.mapping import Mapping, MappingError, load_mapping
from plumbline.landing.read import UnreadableFileError

DAY = dt.date(2026, 1, 5)
NOW = dt.datetime(2026, 1, 5, 12, 0, 0)
# A table of texts only, so that whatever is written must come back.
LINKS = load_mapping("contract", {"table": "support.ticket_links"})
FRAMES = load_mapping("contract", {"table": "quality.audit_frames"})
NAMES = ["ticket_id", "content_id", "decision_id", "appeal_id"]

HOSTILE = [
    "'; drop table raw_rows; --",
    "$1",
    "{{ env_var('HOME') }}",
    '=HYPERLINK("http://example.test","x")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "../../etc/passwd",
    "\u202egnp.exe",
    "\ufeff",
    "a\x00b",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    'quote " comma , line\r\nbreak',
    "\n",
    " ",
    "NULL",
    "\\N",
]
# What no id is, and is refused as one (docs/decisions/reading.md).
NO_ID = re.compile(r"\s*(NaN|true|True|TRUE|false|False|FALSE|-?\d(\.\d+)?[eE][+-]?\d+)\s*")
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
).filter(lambda text: not NO_ID.fullmatch(text))
quiet = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def never_a_hang() -> Iterator[None]:
    """Whatever a file holds, it is read or refused within minutes."""

    def stop(*_: object) -> None:
        raise TimeoutError("still reading after five minutes")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(300)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def landed(
    folder: Path, name: str, content: bytes, mapping: Mapping = LINKS
) -> tuple[Outcome, list[tuple[object, ...]]]:
    """What a file of this content comes to, and its rows in the order of their lines."""
    file = folder / name
    file.write_bytes(content)
    (outcome,) = land(mapping, [file], folder / "landing", landed_on=DAY, landed_at=NOW)
    found = list((folder / "landing").glob("[!_]*/*/*/*.parquet"))
    if not found:
        return outcome, []
    pattern = str(folder / "landing" / "[!_]*" / "*" / "*" / "*.parquet")
    with duckdb.connect() as connection:
        return outcome, connection.execute(
            "select * from read_parquet(?, hive_partitioning = false) order by _line", [pattern]
        ).fetchall()


def nothing_landed(folder: Path) -> bool:
    return not [file for file in (folder / "landing").rglob("*") if file.is_file() and file.name != ".lock"]


@quiet
@given(
    rows=st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), texts, texts, texts), min_size=1, max_size=20),
    # Only with this line end does Python's writer put quotation marks round every lone carriage return.
    style=st.sampled_from([("\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_MINIMAL)]),
    has_mark=st.booleans(),
)
def test_whatever_csv_holds_comes_back(rows: list[tuple[str, ...]], style: tuple[str, int], has_mark: bool) -> None:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator=style[0], quoting=style[1])
    writer.writerow(NAMES)
    writer.writerows(rows)
    content = ("\ufeff" if has_mark else "") + written.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        outcome, found = landed(Path(folder), "links.csv", content.encode())
    assert (outcome.rows_read, outcome.landed, outcome.rejected) == (len(rows), len(rows), 0)
    # An empty field is no value: CSV cannot tell the two apart.
    assert [row[:4] for row in found] == [tuple(cell or None for cell in row) for row in rows]


@quiet
@given(rows=st.lists(st.tuples(st.text("abc", min_size=1, max_size=3), texts, texts, texts), min_size=1, max_size=20))
def test_whatever_json_lines_hold_comes_back(rows: list[tuple[str, ...]]) -> None:
    content = "".join(json.dumps(dict(zip(NAMES, row, strict=True))) + "\n" for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        outcome, found = landed(Path(folder), "links.jsonl", content.encode())
    assert outcome.landed == len(rows)
    assert [row[:4] for row in found] == [tuple(cell or None for cell in row) for row in rows]


NO_JSON, TWICE = "no JSON object", "a name is there twice"
# A line, and the text of its `content_id`, or why it is refused: digits stay as they are, and NaN is none.
JSON_LINES: dict[str, str] = {
    '{"ticket_id": "t", "content_id": 7301234567890123451}': "7301234567890123451",
    '{"ticket_id": "t", "content_id": 7301234567890123452.0}': "7301234567890123452.0",
    '{"ticket_id": "t", "content_id": -0}': "-0",
    '{"ticket_id": "t", "content_id": 1.10}': "1.10",
    '{"ticket_id": "t", "content_id": [1.10, {"b": 12345678901234567890.5, "c": [true, null, "x"]}]}':
        '[1.10, {"b": 12345678901234567890.5, "c": [true, null, "x"]}]',
    f'{{"ticket_id": "t", "content_id": {"9" * 5000}}}': "9" * 5000,
    '\ufeff{"ticket_id": "t", "content_id": "mark"}': "mark",
    '{"ticket_id": "t", "content_id": NaN}': NO_JSON,
    '{"ticket_id": "t", "content_id": -Infinity}': NO_JSON,
    '{"ticket_id": "t", "content_id": "x", "decision_id": {"a": [Infinity]}}': NO_JSON,
    '{"ticket_id": "t", "content_id": "x", "content_id": "y"}': TWICE,
    '{"ticket_id": "t", "content_id": {"a": 1, "a": 1}}': TWICE,
    '{"ticket_id": "t", "content_id": true}': "untypeable_content_id",
    '{"ticket_id": "t", "content_id": 7.3E+18}': "untypeable_content_id",
    '{"ticket_id": "t", "content_id": %s}' % ("[" * 700 + "]" * 700): NO_JSON,
}  # fmt: skip


def test_numbers_of_json_keep_their_digits_and_what_is_no_number_is_no_json(tmp_path: Path) -> None:
    outcome, found = landed(tmp_path, "links.jsonl", "\n".join(JSON_LINES).encode())
    read = {int(str(row[5])): row[1] for row in found} | {
        int(str(line)): why for line, why in rejected_rows(tmp_path, "_line, reasons")
    }
    assert read == dict(enumerate(JSON_LINES.values(), start=1))
    assert outcome.rows_read == len(JSON_LINES)


# Each must stay a name: in a struct of the row as it was, in a table's columns, in a message.
HOSTILE_NAMES = [
    'a"b',
    'x" := 1)) as _raw from raw_rows; create table planted as select 1; --',
    "x'; drop table raw_rows; --",
    "$1",
    "select",
    "a.b",
    "a(b)",
    "\u202eevil",
]
# What no column can be called is refused, and nothing else.
NO_NAMES = ["a\x00b", " ", "_line"]
names = st.one_of(
    st.sampled_from(HOSTILE_NAMES + NO_NAMES),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12),
)


@quiet
@given(
    added=st.lists(names, min_size=1, max_size=4, unique_by=str.lower),
    kind=st.sampled_from(["csv", "jsonl", "parquet"]),
)
@example(added=HOSTILE_NAMES, kind="csv")
@example(added=HOSTILE_NAMES, kind="jsonl")
@example(added=HOSTILE_NAMES, kind="parquet")
def test_a_column_name_is_a_name(added: list[str], kind: str) -> None:
    """Columns that the contract has not are kept in the row as it was, whatever they are called."""
    row = {"frame_id": "f", "stratum": "s", "period_start": "no day", "period_end": "2026-01-07"}
    row |= {"population_count": "1", "planned_n": "1"} | {name: "kept" for name in added if name not in row}
    with tempfile.TemporaryDirectory() as folder:
        refusal = ""
        try:
            outcome, _ = landed(Path(folder), f"frames.{kind}", table_of_one_row(row, kind, Path(folder)), FRAMES)
        except UnreadableFileError as error:
            refusal = str(error)
        if refusal:
            assert not set(added) <= set(HOSTILE_NAMES)
            assert f"frames.{kind}" in refusal
            assert nothing_landed(Path(folder))
            return
        assert (outcome.landed, outcome.reasons) == (0, {"untypeable_period_start": 1})
        (raw,) = rejected_rows(Path(folder), "raw")[0]
    kept = json.loads(str(raw))
    assert {name: value for name, value in kept.items() if value == "kept"} == {
        name.strip() if kind == "csv" else name: "kept" for name in added if name not in row or row[name] == "kept"
    }


def table_of_one_row(row: dict[str, str], kind: str, folder: Path) -> bytes:
    if kind == "jsonl":
        return json.dumps(row).encode() + b"\n"
    if kind == "csv":
        written = io.StringIO()
        csv.writer(written, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerows([row.keys(), row.values()])
        return written.getvalue().encode()
    file = folder / "one.parquet"
    duckdb.from_df(pd.DataFrame([row])).write_parquet(str(file))
    content = file.read_bytes()
    file.unlink()
    return content


def rejected_rows(folder: Path, columns: str) -> list[tuple[object, ...]]:
    """Columns of what was rejected, in the order of their lines."""
    files = [str(file) for file in (folder / "landing" / "_rejected").rglob("*.parquet")]
    if not files:
        return []
    with duckdb.connect() as connection:
        return connection.execute(
            f"select {columns} from read_parquet(?, hive_partitioning = false) order by _line", [files]
        ).fetchall()


@quiet
@given(content=st.binary(max_size=300), suffix=st.sampled_from(["csv", "tsv", "jsonl", "parquet", "zip", ""]))
@example(content=b"", suffix="csv")
@example(content=b"", suffix="jsonl")
@example(content=b"PK\x03\x04 this is no archive", suffix="csv")
@example(content=b"PAR1 nor is this Parquet PAR1", suffix="parquet")
@example(content=b'{"ticket_id": "\\ud800"}\n{"ticket_id": "a"}\n', suffix="jsonl")
@example(content=b'ticket_id\n"' + b"a" * 100, suffix="csv")
@example(content=b"[" * 100_000, suffix="jsonl")
def test_any_bytes_are_accounted_for_or_refused(content: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        refusal = ""
        try:
            outcome, found = landed(Path(folder), f"file.{suffix}", content)
        except (UnreadableFileError, MappingError) as error:
            refusal = str(error)
        if refusal:
            assert f"file.{suffix}" in refusal
            assert nothing_landed(Path(folder))
        else:
            assert outcome.rows_read == outcome.landed + outcome.rejected
            assert len(found) == outcome.landed


def test_names_without_end_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    # Each line brings a name of its own, so that cells would grow by the square.
    lines = b"\n".join(json.dumps({f"name {number}": 1}).encode() for number in range(4_000))
    with pytest.raises(UnreadableFileError, match=r"file\.jsonl, line 2001: more than 2,000 names"):
        landed(tmp_path, "file.jsonl", lines)
    assert nothing_landed(tmp_path)
    wide = ",".join(f"c{number}" for number in range(2_001)).encode()
    with pytest.raises(UnreadableFileError, match=r"file\.csv: more than 2,000 columns, beginning with 'c0'"):
        landed(tmp_path, "file.csv", wide + b"\n")
    assert nothing_landed(tmp_path)


numbers = st.one_of(
    st.sampled_from(
        [
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "1e400",
            "-0",
            "NaN",
            "inf",
            "0x10",
            "1_000",
        ]
    ),
    st.integers().map(str),
    st.floats().map(repr),
    st.text(max_size=8),
)
days = st.one_of(
    st.sampled_from(
        [
            "0000-01-01",
            "0001-01-01",
            "9999-12-31",
            "10000-01-01",
            "5000000-01-01",
            "infinity",
            "2026-02-29",
            "2024-02-29",
        ]
    ),
    st.dates().map(str),
    st.text(max_size=10),
)


def day_of(text: str) -> dt.date | None:
    """What a text says as a day, by Python; a time after it changes nothing."""
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def number_of(text: str) -> Decimal | None:
    """What a text says as a number, by Python; none for what is no number, or without end."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


@quiet
@given(rows=st.lists(st.tuples(days, numbers), min_size=1, max_size=10))
@example(rows=[("5000000-01-01", "1"), ("infinity", "1"), ("2026-01-05", "NaN"), ("2026-01-05", "1")])
def test_limits_are_typed_exactly_or_rejected_with_their_line(rows: list[tuple[str, str]]) -> None:
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(["frame_id", "stratum", "period_start", "period_end", "population_count", "planned_n"])
    # In quotation marks by the writer where they need them, so that each stands on as many lines as it has line ends.
    writer.writerows([["f", str(number), day, "2026-01-07", count, "5"] for number, (day, count) in enumerate(rows)])
    with tempfile.TemporaryDirectory() as folder:
        outcome, found = landed(Path(folder), "frames.csv", written.getvalue().encode(), FRAMES)
        rejected = rejected_rows(Path(folder), "_line, raw, reasons")
    assert (outcome.landed, outcome.rejected) == (len(found), len(rejected))
    assert outcome.landed + outcome.rejected == len(rows)
    seen = set()
    for _, stratum, day, _, count, *_ in found:
        seen.add(int(str(stratum)))
        asked_day, asked_count = rows[int(str(stratum))]
        # An empty field is no value, and lands as none: staging judges what may be missing.
        assert day == day_of(asked_day) if asked_day.strip() else day is None
        assert Decimal(str(count)) == number_of(asked_count) if asked_count.strip() else count is None
    for line, raw, reasons in rejected:
        number = int(json.loads(str(raw))["stratum"])
        seen.add(number)
        asked_day, asked_count = rows[number]
        assert set(str(reasons).split(",")) <= {"untypeable_period_start", "untypeable_population_count"}
        assert json.loads(str(raw))["population_count"] == (asked_count or None)
        assert int(str(line)) >= 2 + number
    assert seen == set(range(len(rows)))
    # What Python reads as a day since 1900 and a whole number of 64 bits is not refused.
    refused = {int(json.loads(str(raw))["stratum"]) for _, raw, _ in rejected}
    for number, (day, count) in enumerate(rows):
        if (day_of(day) or dt.date.min) >= dt.date(1900, 1, 1) and re.fullmatch(r"-?\d{1,18}", count, re.A):
            assert number not in refused


# What is written, and the rows that are read; a row that is broken by its line, and what is said of it.
OPEN, AFTER = "not CSV: a quotation mark is left open", "not CSV: ',' expected after '\"'"
HINT = '; is \\" a quotation mark? set read.escape to backslash or php'
BROKEN: dict[str, tuple[str, list[str], list[tuple[int, str, str]]]] = {
    "left open to the end": ('a,"b,c,d\ne,f,g,h\ni,j,k,l\n', ["e", "i"], [(2, 'a,"b,c,d', OPEN)]),
    "left open before another": (
        'a,"b,c,d\ne,f,"g",h\ni,j,k,l\n', ["e", "i"], [(2, 'a,"b,c,d', AFTER)],
    ),
    "left open before empty ones": ('a,"b,c,d\ne,"","",h\ni,j,k,l\n', ["e", "i"], [(2, 'a,"b,c,d', OPEN)]),
    "left open twice": (
        'a,"b,c,d\ne,f,g,h\ni,j,"k,l\nm,n,o,p\n', ["e", "m"], [(2, 'a,"b,c,d', AFTER), (4, 'i,j,"k,l', OPEN)],
    ),
    "closed by another, so that one record holds all": (
        'a,"b,c,d\ne,f,g,h\ni,",j",k,l\nm,n,o,p\n', ["e", "i", "m"],
        [(2, 'a,"b,c,d', "ragged: 5 fields, expected 4")],
    ),
    "on the last line": ('a,b,c,d\ne,"f,g,h', ["a"], [(3, 'e,"f,g,h', OPEN)]),
    "a text behind a quoted one": ('a,"b" x,c,d\ne,f,g,h\n', ["e"], [(2, 'a,"b" x,c,d', AFTER)]),
    "backslashes": ('a,"say \\"x\\" y",c,d\ne,f,g,h\n', ["e"], [(2, 'a,"say \\"x\\" y",c,d', AFTER + HINT)]),
    "two whole lines, and a row": (
        'a,"two\r\nlines",c,d\r\ne,"f,g,h\r\ni,j,k,l\r\n', ["a", "i"], [(4, 'e,"f,g,h', OPEN)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_row_is_refused_and_no_other_with_it(tmp_path: Path, case: str) -> None:
    content, kept, broken = BROKEN[case]
    outcome, found = landed(tmp_path, "links.csv", f"{','.join(NAMES)}\n{content}".encode())
    assert [row[0] for row in found] == kept
    refused = [
        (line, json.loads(str(raw)), str(why)) for line, raw, why in rejected_rows(tmp_path, "_line, raw, reasons")
    ]
    assert refused == broken
    assert outcome.rows_read == len(kept) + len(broken)


def test_quotation_marks_left_open_all_over_cost_no_time_and_lose_no_row(tmp_path: Path) -> None:
    """Each tenth row is broken; what it costs to read them again grows with their number, and not with its square."""
    lines = [f'{number},{chr(34) if number % 10 == 0 else ""}x,y,""' for number in range(100_000)]
    outcome, found = landed(tmp_path, "links.csv", "\n".join([",".join(NAMES), *lines]).encode())
    assert (outcome.landed, outcome.rejected) == (90_000, 10_000)
    assert len({row[0] for row in found}) == 90_000


def by_php(cell: str) -> str:
    """A cell as PHP's fputcsv writes it: in quotation marks, doubled inside, but for those after a backslash."""
    written, is_escaped = "", False
    for character in cell:
        if character == '"' and not is_escaped:
            written += '"'
        is_escaped = character == "\\"
        written += character
    return f'"{written}"'


PHP = load_mapping("contract", {"table": "support.ticket_links"}, [("escape", "php")])
marks = st.text(st.sampled_from('\\",ab'), max_size=8)


@quiet
@given(rows=st.lists(st.tuples(marks, marks, marks), min_size=1, max_size=8))
@example(rows=[('keyword "\\"media\\"" > 3 times', "C:\\apps\\", '\\"')])
@example(rows=[("C:\\", "x", '"'), ('a\\",b', "", "")])
def test_what_php_writes_comes_back_or_is_refused(rows: list[tuple[str, ...]]) -> None:
    """PHP's own reader cannot tell every text: what might be two is refused, and what was not written never lands."""
    lines = [",".join([f"t{number}", *map(by_php, row)]) for number, row in enumerate(rows)]
    with tempfile.TemporaryDirectory() as folder:
        outcome, found = landed(Path(folder), "links.csv", "\n".join([",".join(NAMES), *lines]).encode(), PHP)
        refused = {int(str(line)) - 2 for (line,) in rejected_rows(Path(folder), "_line")}
    assert outcome.rows_read == len(rows)
    assert all("\\" in "".join(rows[number]) for number in refused)
    assert [tuple(cell or "" for cell in row[:4]) for row in found] == [
        (f"t{number}", *row) for number, row in enumerate(rows) if number not in refused
    ]


def test_what_php_writes_on_several_lines_comes_back(tmp_path: Path) -> None:
    """A backslash and a quotation mark before a line end are the end of a row, or not, as the number of fields says."""
    cells = ['two\n"lines"', 'a \\"path\\"\nC:\\apps\\', '\\"'], ['"\\', '\\"\\"\n', "C:\\"]
    # The last cell might end with its first line, and its second be another row, had that the fields.
    torn = ["x", "y", '\\"\n\\']
    rows = [["t", *cells[0]], ["u", *cells[1]], ["v", *torn], ["w", "a", "b", "c"]]
    content = "\n".join([",".join(NAMES), *(",".join(map(by_php, row)) for row in rows)])
    _, found = landed(tmp_path, "links.csv", content.encode(), PHP)
    assert [list(row[:4]) for row in found] == [rows[0], rows[1], rows[3]]
    ((line, reason),) = rejected_rows(tmp_path, "_line, reasons")
    assert line == 7
    assert str(reason).startswith("ambiguous: ")


def test_quotation_marks_as_tools_write_them(tmp_path: Path) -> None:
    """MySQL and Moodle put a backslash before a quotation mark, a backslash and a line end; others quote nothing."""

    def read(content: str, **options: str) -> list[tuple[object, ...]]:
        with tempfile.TemporaryDirectory() as folder:
            mapping = load_mapping("contract", {"table": "support.ticket_links"}, list(options.items()))
            _, found = landed(Path(folder), "links.csv", f"{','.join(NAMES)}\n{content}".encode(), mapping)
        return [row[:4] for row in found]

    assert read('a,"say \\"hi\\"","C:\\\\","two\\\nlines"\n', escape="backslash") == [
        ("a", 'say "hi"', "C:\\", "two\nlines")
    ]
    assert read("a,'it,s',\"b,c\n", quote="'") == [("a", "it,s", '"b', "c")]
    assert read('a,"b,c",d\n', quote="none") == [("a", '"b', 'c"', "d")]


MEASURES = load_mapping("contract", {"table": "support.survey_responses"})


@pytest.mark.parametrize("score", ["NaN", "nan", "inf", "-Infinity", "1e999", "infinity"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_what_is_no_number_or_has_no_end_is_rejected(tmp_path: Path, score: str, kind: str) -> None:
    row = {"response_id": "r", "asked_at": "2026-01-05 00:00:00", "question": "q", "score": score, "scale_max": "5"}
    outcome, found = landed(tmp_path, f"responses.{kind}", table_of_one_row(row, kind, tmp_path), MEASURES)
    assert found == []
    assert (outcome.rejected, outcome.reasons) == (1, {"untypeable_score": 1})
    assert rejected_rows(tmp_path, "_line, reasons") == [(2 if kind == "csv" else 1, "untypeable_score")]


def test_ragged_rows_are_rejected_with_their_line(tmp_path: Path) -> None:
    content = "\r\n".join([",".join(NAMES), "a,b,c,d", "a,b,c", "a,b,c,d,e", '"two\r\nlines",b,c,d', "a"]) + "\r\n"
    outcome, found = landed(tmp_path, "links.csv", content.encode())
    assert (outcome.rows_read, outcome.landed, outcome.rejected) == (5, 2, 3)
    assert [row[0] for row in found] == ["a", "two\r\nlines"]
    assert rejected_rows(tmp_path, "_line, reasons") == [
        (3, "ragged: 3 fields, expected 4"), (4, "ragged: 5 fields, expected 4"), (7, "ragged: 1 fields, expected 4"),
    ]  # fmt: skip


def test_another_encoding_is_refused_with_the_line(tmp_path: Path) -> None:
    lines = [",".join(NAMES)] + ["a,b,c,d"] * 5_000 + ["a,é,c,d"] + ["a,b,c,d"] * 5_000
    with pytest.raises(UnreadableFileError, match=r"links\.csv: not utf-8-sig on line 5002; set read"):
        landed(tmp_path, "links.csv", "\n".join(lines).encode("latin-1"))
    assert nothing_landed(tmp_path)
    with pytest.raises(UnreadableFileError, match=r"links\.csv"):
        landed(tmp_path, "links.csv", "\n".join(lines).encode("utf-16"))


@pytest.mark.parametrize(
    "name",
    [
        "x'; drop table a; --.csv",
        "..%2f..%2fa.csv",
        "a b\n.csv",
        "[a]*?.csv",
        "-o.csv",
        "$(touch x).csv",
        "é\u202e.csv",
    ],
)
def test_a_file_name_is_a_name(tmp_path: Path, name: str) -> None:
    outcome, found = landed(tmp_path, name, b"ticket_id\na\n")
    assert outcome.landed == 1
    assert [row[4] for row in found] == [name]
    written = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert {file.split("/")[0] for file in written} == {name, "landing"}


def test_a_parquet_file_whose_name_is_a_pattern_is_read_alone(tmp_path: Path) -> None:
    for name, ticket in (("a.parquet", "other"), ("[a].parquet", "mine"), ("*.parquet", "star")):
        duckdb.sql(f"select '{ticket}' as ticket_id").write_parquet(str(tmp_path / "one"))
        (tmp_path / "one").rename(tmp_path / name)
    for name, ticket in (("[a].parquet", "mine"), ("*.parquet", "star")):
        landing = tmp_path / ticket
        (outcome,) = land(LINKS, [tmp_path / name], landing, landed_on=DAY, landed_at=NOW)
        assert outcome.landed == 1
        assert duckdb.sql(f"select ticket_id from read_parquet('{landing}/support/*/*/*.parquet')").fetchall() == [
            (ticket,)
        ]


@pytest.mark.parametrize("table", ["../seeds/queues", "support.../../x", "support.ticket_links; drop", "", "."])
def test_a_table_is_one_of_the_contract(tmp_path: Path, capsys: pytest.CaptureFixture[str], table: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text("ticket_id\na\n")
    arguments = ["land", "contract", str(file), "--set", f"table={table}", "--landing", str(tmp_path / "landing")]
    assert main(arguments) == 1
    assert "is no table" in capsys.readouterr().err
    assert nothing_landed(tmp_path)


def test_a_field_of_ten_megabytes_comes_back(tmp_path: Path) -> None:
    field = "x" * 10_000_000
    outcome, found = landed(tmp_path, "links.csv", f"ticket_id,content_id\na,{field}\nb,c\n".encode())
    assert outcome.landed == 2
    assert found[0][1] == field


def test_an_archive_is_no_table(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.csv", "ticket_id\na\n")
    for name in ("a.zip", "a.csv", "a.parquet"):
        with pytest.raises(UnreadableFileError, match=name):
            landed(tmp_path, name, buffer.getvalue())
        assert nothing_landed(tmp_path)


@pytest.mark.long
def test_gigabytes_pass_in_bounded_memory(tmp_path: Path) -> None:
    import resource

    file = tmp_path / "links.csv"
    with file.open("w") as stream:
        stream.write("ticket_id,content_id\n")
        for number in range(1_200_000):
            stream.write(f"{number},{'y' * 1_000}\n")
    command = [
        sys.executable, "-m", "plumbline.cli", "land", "contract", str(file), "--set", "table=support.ticket_links",
        "--landing", str(tmp_path / "landing"),
    ]  # fmt: skip
    subprocess.run(command, check=True, env={**os.environ, "PLUMBLINE_MEMORY_LIMIT": "2GiB"})
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    assert peak < 4_096, f"{peak:,.0f} MiB for a file of {file.stat().st_size >> 20:,} MiB"


@pytest.mark.slow
def test_a_wide_file_stays_within_the_memory_limit(tmp_path: Path) -> None:
    """The whole process does, not DuckDB alone; a tenth of the rows is rejected, and written out as it was read."""
    rows, file = 60_000, tmp_path / "wide.csv"
    filling = ",".join(f"value_{number:04d}" for number in range(296))
    with file.open("w") as stream:
        names = ",".join(f"c{number}" for number in range(296))
        stream.write(f"report_id,content_id,reported_at,notice_type,{names}\n")
        for number in range(rows):
            day = "2026-01-01" if number % 10 else "never"
            stream.write(f"R{number},C{number},{day},guidelines,{filling}\n")
    # The peak of this process, unlike getrusage, has nothing of the process that started it.
    code = (
        "import sys; from plumbline.cli import main; main();"
        " print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    arguments = ["land", "contract", str(file), "--set", "table=moderation.user_reports"]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--landing", str(tmp_path / "landing")],
        check=True, capture_output=True, text=True, env={**os.environ, "PLUMBLINE_MEMORY_LIMIT": "768MiB"},
    )  # fmt: skip
    assert f"{rows:,} rows read, {rows * 9 // 10:,} landed, {rows // 10:,} rejected" in done.stdout
    peak = int(done.stdout.split("VmHWM:")[1].split()[0]) / 1024
    assert peak < 768, f"{peak:,.0f} MiB for a file of {file.stat().st_size >> 20:,} MiB"
