"""`plumbline land`: typed or rejected with a reason, whole calls, safe to repeat."""

import datetime as dt
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import SALT, Project

from plumbline.cli import main
from plumbline.landing.land import land
from plumbline.landing.mapping import MappingError, load_mapping
from plumbline.landing.read import UnreadableFileError

DAY = dt.date(2026, 1, 5)
NOW = dt.datetime(2026, 1, 5, 12, 0, 0)
FRAMES = load_mapping("contract", {"table": "quality.audit_frames"})
HEADER = "frame_id,stratum,period_start,period_end,population_count,planned_n\n"


def files_in(landing: Path) -> set[str]:
    return {str(file.relative_to(landing)) for file in landing.rglob("*") if file.is_file() and file.name != ".lock"}


def rows_of(landing: Path, table: str) -> list[tuple[object, ...]]:
    pattern = landing.joinpath(*table.split("."), "*", "*.parquet")
    return duckdb.sql(f"select * from read_parquet('{pattern}', hive_partitioning = false) order by _line").fetchall()


def test_rows_are_typed_or_rejected_with_line_and_reason(tmp_path: Path) -> None:
    file = tmp_path / "frames.csv"
    file.write_text(
        HEADER
        + "f,a,2026-01-01,2026-01-07,100,5\n"
        + "f,b,2026-01-01,2026-01-07,many,5\n"
        + 'f,"two\nlines",2026-01-01,2026-01-07,100,5\n'
        + "f,c,2026-01-01,2026-01-07,100\n"
        + "f,d,yesterday,2026-13-01,100,5\n"
    )
    landing = tmp_path / "landing"
    (outcome,) = land(FRAMES, [file], landing, landed_on=DAY, landed_at=NOW)
    assert (outcome.rows_read, outcome.landed, outcome.rejected) == (5, 2, 3)
    landed = rows_of(landing, "quality.audit_frames")
    assert [row[1] for row in landed] == ["a", "two\nlines"]
    assert landed[0][2:8] == (dt.date(2026, 1, 1), dt.date(2026, 1, 7), 100, 5, "frames.csv", 2)
    files = f"'{landing}/_rejected/*/*/*/*.parquet', hive_partitioning = false"
    rejected = duckdb.sql(f"select _line, reasons, raw from read_parquet({files})").fetchall()
    # The fourth row of the file stands on line 6, since the third has two lines.
    assert [(line, reasons) for line, reasons, _ in rejected] == [
        (3, "untypeable_population_count"),
        (6, "ragged: 5 fields, expected 6"),
        (7, "untypeable_period_start,untypeable_period_end"),
    ]
    assert "many" in rejected[0][2]


def test_a_call_can_be_repeated(tmp_path: Path) -> None:
    file = tmp_path / "frames.csv"
    file.write_text(HEADER + "f,a,2026-01-01,2026-01-07,100,5\n")
    landing = tmp_path / "landing"
    land(FRAMES, [file], landing, landed_on=DAY, landed_at=NOW)
    before = files_in(landing)
    (outcome,) = land(FRAMES, [file], landing, landed_on=DAY, landed_at=NOW + dt.timedelta(hours=1))
    assert outcome.already_landed
    assert files_in(landing) == before


def test_two_calls_of_one_moment_both_count(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(HEADER + f"f,{name},2026-01-01,2026-01-07,100,5\n")
        land(FRAMES, [tmp_path / f"{name}.csv"], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    counted = duckdb.sql(f"select source_file from '{tmp_path}/landing/_ledger/*/*.parquet' order by 1").fetchall()
    assert counted == [("a.csv",), ("b.csv",)]


def test_a_check_writes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "frames.csv"
    file.write_text(HEADER + "f,a,2026-01-01,2026-01-07,100,5\n")
    (outcome,) = land(FRAMES, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW, check=True)
    assert outcome.landed == 1
    assert files_in(tmp_path / "landing") == set()


@pytest.mark.parametrize("problem", ["absent", "encoding", "header", "column"])
def test_one_bad_file_stops_the_whole_call(tmp_path: Path, problem: str) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(HEADER + "f,a,2026-01-01,2026-01-07,100,5\n")
    if problem == "encoding":
        bad.write_bytes(HEADER.encode() + "f,é,2026-01-01,2026-01-07,100,5\n".encode("latin-1"))
    elif problem == "header":
        bad.write_text("")
    elif problem == "column":
        bad.write_text("frame_id,stratum\nf,a\n")
    with pytest.raises((UnreadableFileError, MappingError)) as error:
        land(FRAMES, [good, bad], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    assert "bad.csv" in str(error.value)
    assert files_in(tmp_path / "landing") == set()


def test_json_lines_and_parquet_land_like_csv(tmp_path: Path) -> None:
    row = {"frame_id": "f", "stratum": "a", "period_start": "2026-01-01", "period_end": "2026-01-07"}
    lines = tmp_path / "frames.jsonl"
    lines.write_text(str({**row, "population_count": 100, "planned_n": 5}).replace("'", '"') + "\nnot json\n")
    table = tmp_path / "frames.parquet"
    duckdb.sql(f"copy (select 'f' as frame_id, 'b' as stratum, date '2026-01-01' as period_start,"
               f" date '2026-01-07' as period_end, 100 as population_count, 5 as planned_n) to '{table}'")  # fmt: skip
    outcomes = land(FRAMES, [lines, table], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    assert [(o.rows_read, o.landed, o.rejected) for o in outcomes] == [(2, 1, 1), (1, 1, 0)]
    assert sorted(row[1:6] for row in rows_of(tmp_path / "landing", "quality.audit_frames")) == [
        ("a", dt.date(2026, 1, 1), dt.date(2026, 1, 7), 100, 5),
        ("b", dt.date(2026, 1, 1), dt.date(2026, 1, 7), 100, 5),
    ]


def test_a_killed_call_leaves_nothing_that_counts(tmp_path: Path, new_project: Callable[..., Project]) -> None:
    """Killed between its Parquet and its ledger, a call has not happened."""
    project = new_project("killed_land", salt=SALT)
    file = tmp_path / "frames.csv"
    file.write_text(HEADER + "f,a,2026-01-01,2026-01-07,100,5\n")
    script = (
        "import os, signal, pathlib, plumbline.cli\n"
        "rename = pathlib.Path.replace\n"
        "def replace(self, target):\n"
        "    if self.name == 'ledger.parquet': os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return rename(self, target)\n"
        "pathlib.Path.replace = replace\n"
        "plumbline.cli.main()\n"
    )
    arguments = [
        "land",
        "contract",
        str(file),
        "--set",
        "table=quality.audit_frames",
        "--landing",
        str(project.landing),
    ]
    killed = subprocess.run([sys.executable, "-c", script, *arguments], check=False)
    assert killed.returncode == -signal.SIGKILL
    left = [folder.name for folder in (project.landing / "_ledger").glob(".staging-*")]
    assert len(left) == 1
    assert any(name.endswith(".land.parquet") for name in files_in(project.landing))
    project.build("--exclude-resource-type", "test")
    assert project.query("select count(*) from dev_marts.fct_audit_frames") == [(0,)]
    assert main(arguments) == 0
    assert not list((project.landing / "_ledger").glob(".staging-*")), "the next call clears what is left"
    project.build("--exclude-resource-type", "test")
    assert project.query("select count(*) from dev_marts.fct_audit_frames") == [(1,)]
    assert project.query("select count(*) from dev_intermediate.int_reconciliation where not is_balanced") == [(0,)]


def test_a_row_that_is_lost_on_the_way_lands_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lands, is rejected and is left out are counted each by itself, and must be all that was read."""
    from plumbline.landing.land import _Call

    file = tmp_path / "frames.csv"
    file.write_text(HEADER + "f,a,2026-01-01,2026-01-07,100,5\nf,b,2026-01-01,2026-01-07,100,5\n")
    write = _Call._write
    monkeypatch.setattr(_Call, "_write", lambda call, query, place: write(call, f"({query}) limit 1", place))
    with pytest.raises(MappingError, match="2 rows by 1 branches are not 1 landed, 0 rejected and 0 left out"):
        land(FRAMES, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    assert files_in(tmp_path / "landing") == set()


def test_real_files_do_not_land_beside_the_sample(
    tiny_sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "frames.csv"
    file.write_text(HEADER)
    code = main(["land", "contract", str(file), "--set", "table=quality.audit_frames", "--landing", str(tiny_sample)])
    assert code == 1
    assert "holds the sample" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (",stratum\nf,a\n", "column 1 has no name"),
        ("frame_id,FRAME_ID\nf,a\n", "'frame_id' and 'FRAME_ID' have one name"),
        ("frame_id,_line\nf,a\n", "_line"),
        ('frame_id,"stratum\nf,a\n', r"frames.csv: line 1: not CSV: a quotation mark is left open"),
    ],
)
def test_a_header_that_cannot_be_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "frames.csv"
    file.write_text(text)
    with pytest.raises(UnreadableFileError, match=message):
        land(FRAMES, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    assert files_in(tmp_path / "landing") == set()


def test_a_fraction_is_no_whole_number(tmp_path: Path) -> None:
    file = tmp_path / "frames.csv"
    file.write_text(HEADER + "f,a,2026-01-01,2026-01-07,100,5.0\nf,b,2026-01-01,2026-01-07,100,5.5\n")
    (outcome,) = land(FRAMES, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    assert (outcome.landed, outcome.reasons) == (1, {"untypeable_planned_n": 1})


def test_a_snapshot_may_return_to_an_earlier_state(tmp_path: Path) -> None:
    file = tmp_path / "frames.csv"
    file.write_text(HEADER + "f,a,2026-01-01,2026-01-07,100,5\n")
    for hours in (0, 1):
        (outcome,) = land(
            FRAMES, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW + dt.timedelta(hours=hours), again=True
        )
        assert outcome.landed == 1
    assert len(rows_of(tmp_path / "landing", "quality.audit_frames")) == 2


MAPPING = """branches:
  - table: {table}
    where: planned_n <> '0'
    columns:
      frame_id: frame_id
      stratum: stratum
      period_start: period_start
      period_end: period_end
      population_count: population_count
      planned_n: planned_n
"""


def test_what_a_mapping_leaves_out_is_accounted_for(tmp_path: Path, new_project: Callable[..., Project]) -> None:
    project = new_project("filtered", salt=SALT)
    mapping = tmp_path / "ours.yml"
    mapping.write_text(MAPPING.format(table="quality.audit_frames"))
    file = tmp_path / "frames.csv"
    rows = [f"f,{name},2026-01-01,2026-01-07,100,{planned}" for name, planned in (("a", 5), ("b", 0), ("c", 5))]
    file.write_text(HEADER + "\n".join([*rows, "f,d,2026-01-01,2026-01-07,many,5"]) + "\n")
    none = tmp_path / "none.csv"
    none.write_text(HEADER + "f,e,2026-01-01,2026-01-07,100,0\n")
    outcomes = land(load_mapping(str(mapping), {}), [file, none], project.landing, landed_on=DAY, landed_at=NOW)
    assert [(o.rows_read, o.landed, o.rejected, o.filtered) for o in outcomes] == [(4, 2, 1, 1), (1, 0, 0, 1)]
    project.build()
    found = project.query(
        "select status, sum(row_count) from dev_marts.mart_data_validation"
        " where source_table = 'quality.audit_frames' and status <> 'days_behind' group by 1 order by 1"
    )
    assert found == [("filtered", 2), ("read", 5), ("rejected", 1), ("staged", 2)]


LINES = ("frame_id", "stratum", "period_start", "period_end", "population_count", "planned_n"), (
    "f", "a, b; c|d", "2026-01-01", "2026-01-07", "100", "5",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "mark", "options"),
    [
        ("frames.tsv", "\t", {}),
        ("frames.TSV", "\t", {}),
        ("frames.tab", "\t", {}),
        ("frames.csv", "\t", {"delimiter": "tab"}),
        ("frames.csv", "\t", {"delimiter": "\\t"}),
        ("frames.csv", "~", {"delimiter": "~"}),
        ("frames.tsv", "~", {"delimiter": "~"}),
        ("frames.txt", "\t", {"format": "csv", "delimiter": "\t"}),
    ],
)
def test_a_delimiter_is_told_by_the_ending_or_given(
    tmp_path: Path, name: str, mark: str, options: dict[str, str]
) -> None:
    file = tmp_path / name
    file.write_text("\n".join(mark.join(line) for line in LINES) + "\n")
    mapping = load_mapping("contract", {"table": "quality.audit_frames"}, list(options.items()))
    (outcome,) = land(mapping, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    assert (outcome.rows_read, outcome.landed) == (1, 1)
    assert rows_of(tmp_path / "landing", "quality.audit_frames")[0][:2] == ("f", "a, b; c|d")


@pytest.mark.parametrize(
    ("name", "mark", "hint"),
    [
        ("frames.csv", "\t", "--read delimiter=tab"),
        ("frames.csv", ";", "--read delimiter=semicolon"),
        ("frames.csv", "|", "--read delimiter=pipe"),
        ("frames.tsv", ",", "--read delimiter=comma"),
    ],
)
@pytest.mark.parametrize("mapping", ["contract", "zendesk", "rater_table", "cger"])
def test_a_header_under_another_delimiter_is_refused_with_what_to_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, mark: str, hint: str, mapping: str
) -> None:
    """However a mapping knows its columns: by name, by what a branch needs, by expressions, by names of its own."""
    file = tmp_path / name
    file.write_text("\n".join(mark.join(line) for line in LINES) + "\n")
    sets = {"contract": ["--set", "table=quality.audit_frames"], "cger": ["--set", "vintage='2026-q1'"]}
    arguments = ["land", mapping, str(file), *sets.get(mapping, []), "--landing", str(tmp_path / "landing")]
    assert main(arguments) == 1
    (message,) = capsys.readouterr().err.splitlines()
    assert message.endswith(hint), message
    assert files_in(tmp_path / "landing") == set()
    if mapping == "contract":
        assert main([*arguments, "--read", hint.removeprefix("--read ")]) == 0


def test_a_file_read_otherwise_is_another_call(tmp_path: Path) -> None:
    """What a file comes to depends on how it is read: repeated it is left alone, read otherwise it lands anew."""
    file = tmp_path / "frames.csv"
    file.write_text("\n".join(",".join(line).replace(", b", " b") for line in LINES) + "\n")
    found = []
    for options in ([], [("null_values", "f")], []):
        mapping = load_mapping("contract", {"table": "quality.audit_frames"}, options)
        (outcome,) = land(mapping, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
        found.append(outcome.already_landed)
    assert found == [False, False, True]


def test_a_missing_column_is_named_with_the_one_that_is_like_it(tmp_path: Path) -> None:
    file = tmp_path / "frames.csv"
    file.write_text(
        "frame-id,Stratum,period_start,period_end,populationcount,planned_n\nf,a,2026-01-01,2026-01-07,1,1\n"
    )
    with pytest.raises(MappingError) as error:
        land(FRAMES, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    assert str(error.value) == (
        f"{file}: quality.audit_frames needs columns that the file has not: frame_id (the nearest is 'frame-id'),"
        " population_count (the nearest is 'populationcount')"
    )
    loose = load_mapping("contract", {"table": "quality.audit_frames"}, [("match", "loose")])
    (outcome,) = land(loose, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    assert (outcome.landed, outcome.form) == (
        1, "frame-id for frame_id; Stratum for stratum; populationcount for population_count",
    )  # fmt: skip


def test_a_format_reads_no_year_that_nobody_means(tmp_path: Path) -> None:
    """With a format of one's own, too: `%Y` reads 26 as the year 26, and a day with an offset might be two."""
    ours = tmp_path / "ours.yml"
    formats = '["%d-%m-%Y %H:%M", "%d-%m-%Y %H:%M %z"]'
    ours.write_text("read: {timestamp_formats: " + formats + "}\n" + MAPPING.format(table="quality.audit_frames"))
    file = tmp_path / "frames.csv"
    starts = ("05-01-2026 10:00", "05-01-26 10:00", "05-01-0005 10:00", "05-01-2026 23:30 -0800", "2026-01-05")
    rows = [f"f,{number},{start},07-01-2026 00:00,100,5" for number, start in enumerate(starts)]
    file.write_text(HEADER + "\n".join(rows) + "\n")
    (outcome,) = land(load_mapping(str(ours), {}), [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    assert outcome.reasons == {"untypeable_period_start": 4}
    assert [row[1:3] for row in rows_of(tmp_path / "landing", "quality.audit_frames")] == [("0", dt.date(2026, 1, 5))]
