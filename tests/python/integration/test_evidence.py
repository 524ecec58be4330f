"""The landing as evidence: whatever happens to landed files before the next build is said by name."""

import datetime as dt
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from plumbline.landing.inventory import Inventory, LandedFile, Rules, take
from plumbline.landing.land import land
from plumbline.landing.ledger import Files, LedgerError
from plumbline.landing.mapping import load_mapping

pytestmark = pytest.mark.attack("landing as evidence")

NOW = dt.datetime(2026, 3, 1, 12)
RULES = Rules(
    tables={"moderation.tasks": ["task_id", "market"], "quality.audit_frames": ["frame_id", "stratum"]},
    latest=dt.date(2026, 3, 2),
)
DAY = "moderation/tasks/landed_on=2026-02-01"
FRAMES = load_mapping("contract", {"table": "quality.audit_frames"})
HEADER = "frame_id,stratum,period_start,period_end,population_count,planned_n\n"


def write(file: Path, select: str = "select 't' as task_id, 'de' as market") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"copy ({select}) to '{file}' (format parquet)")
    return file


def frames(folder: Path, *strata: str) -> Path:
    file = folder / f"frames-{'-'.join(strata)}.csv"
    file.write_text(HEADER + "".join(f"f,{stratum},2026-01-01,2026-01-07,100,5\n" for stratum in strata))
    return file


def landed(root: Path) -> tuple[Path, Path]:
    """What the ledger and a pipeline brought: a file of each."""
    land(FRAMES, [frames(root.parent, "a", "b")], root, landed_on=dt.date(2026, 2, 1), landed_at=NOW)
    (by_land,) = (root / "quality").rglob("*.parquet")
    return by_land, write(root / DAY / "part-0.parquet")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "landing"


def built(root: Path) -> dict[str, LandedFile]:
    """What a build of what is there now keeps."""
    found = take(root, {}, RULES)
    assert found.problems == []
    return found.files


def problems(found: Inventory) -> str:
    return "\n".join(found.problems)


def test_what_is_in_its_place_is_listed_with_its_rows_and_digest(root: Path) -> None:
    by_land, by_pipeline = landed(root)
    files = built(root)
    assert {root / file: found.row_count for file, found in files.items()} == {by_land: 2, by_pipeline: 1}
    shasum = subprocess.run(["sha256sum", str(by_pipeline)], capture_output=True, text=True, check=True).stdout.split()[
        0
    ]
    assert files[f"{DAY}/part-0.parquet"].sha256 == shasum
    assert [files[name].landed_on for name in sorted(files)] == [dt.date(2026, 2, 1)] * 2


PLACES = {
    "moderation/tasks/landed_on=2026-02-01/hour=01/part-0.parquet": "move its files up",
    "moderation/tasks/part-0.parquet": "lies outside a day of arrival",
    "moderation/part-0.parquet": "lies outside a day of arrival",
    "part-0.parquet": "lies outside a day of arrival",
    "moderation/tasks/dt=2026-02-01/part-0.parquet": "call it landed_on=YYYY-MM-DD",
    "moderation/tasks/landed_on=2026-02-30/part-0.parquet": "is no date",
    "moderation/tasks/landed_on=20260201/part-0.parquet": "is no date",
    "moderation/tasks/landed_on=2026-2-1/part-0.parquet": "is no date",
    "moderation/tasks/landed_on=2062-01-15/part-0.parquet": "lies in the future",
    "moderation/tasks/landed_on=2026-03-03/part-0.parquet": "lies in the future",
    f"{DAY}/PART-0.PARQUET": "its ending has capitals",
    f"{DAY}/part-0.tmp.parquet": "half written",
    f"{DAY}/part-0.parquet.tmp": "half written",
    f"{DAY}/part-0.parquet.inprogress": "half written",
    f"{DAY}/part-0.parquet~": "half written",
    f"{DAY}/.part-0.parquet": "hidden",
    f"{DAY}/_part-0.parquet": "hidden",
    f"{DAY}/part-0.csv": "land it",
    "moderation/task/landed_on=2026-02-01/part-0.parquet": "moderation.task is no table of the contract",
    ".moderation/tasks/landed_on=2026-02-01/part-0.parquet": "hidden",
    "_moderation/tasks/landed_on=2026-02-01/part-0.parquet": "hidden",
    f"{DAY}/20260201T000000-abc.land.parquet": "the ledger names no call that wrote it",
    "_rejected/quality/audit_frames/landed_on=2026-02-01/x.land.parquet": "the ledger names no call that wrote it",
}  # fmt: skip


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(
            place, marks=pytest.mark.attack("dates of arrival") if "is no date" in said or "future" in said else ()
        )
        for place, said in PLACES.items()
    ],
)
def test_a_file_that_nobody_would_read_is_named_with_what_to_do(root: Path, place: str) -> None:
    landed(root)
    built(root)
    write(root / place)
    found = take(root, {}, RULES)
    assert len(found.problems) == 1
    assert PLACES[place] in found.problems[0]
    assert str(root / place).startswith(found.problems[0].split(": ")[0])


@pytest.mark.parametrize("name", ["_SUCCESS", ".part-0.parquet.crc", ".DS_Store", "_committed_123"])
def test_markers_that_hold_no_rows_are_no_matter(root: Path, name: str) -> None:
    landed(root)
    (root / DAY / name).touch()
    built(root)


def test_what_the_variable_names_may_lie_there(root: Path) -> None:
    landed(root)
    write(root / "support" / "macro" / "landed_on=2026-02-01" / "part-0.parquet")
    assert "support.macro is no table" in problems(take(root, {}, RULES))
    assert take(root, {}, replace(RULES, ignored=["support/*"])).problems == []


def remove(file: Path) -> None:
    file.unlink()


def another_in_its_place(file: Path) -> None:
    """Of as many rows, as many bytes and the same times, as a restored backup of the wrong day may have."""
    rows = duckdb.sql(f"select count(*) from '{file}'").fetchall()[0][0]
    content, status = file.read_bytes(), file.stat()
    swapped = content.replace(b"de", b"fr") if b"de" in content else content.replace(b"2", b"3")
    assert swapped != content
    assert rows
    file.write_bytes(swapped)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def moved_to_another_day(file: Path) -> None:
    place = file.parent.with_name("landed_on=2026-02-02") / file.name
    place.parent.mkdir()
    file.rename(place)


def a_link_to_nowhere(file: Path) -> None:
    file.unlink()
    file.symlink_to(file.with_name("nowhere"))


def a_folder_in_its_place(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    "harm",
    [remove, another_in_its_place, cut_off, emptied, moved_to_another_day, a_link_to_nowhere, a_folder_in_its_place],
    ids=lambda harm: harm.__name__,
)
@pytest.mark.parametrize("whose", ["land", "pipeline"])
@pytest.mark.parametrize("warehouse", ["old", "new"])
def test_a_file_that_is_not_what_it_was_is_named(
    root: Path, harm: Callable[[Path], None], whose: str, warehouse: str
) -> None:
    """By the ledger in a new warehouse, by what the last build found in an old one."""
    by_land, by_pipeline = landed(root)
    file = by_land if whose == "land" else by_pipeline
    former = built(root) if warehouse == "old" else {}
    harm(file)
    found = problems(take(root, former, RULES))
    known_by_nobody = whose == "pipeline" and warehouse == "new"
    if known_by_nobody and harm in (remove, another_in_its_place, moved_to_another_day):
        assert found == "", "a pipeline's file that no build has met is what it is"
    else:
        assert str(file) in found


@pytest.mark.parametrize("harm", [remove, cut_off])
def test_rejected_rows_are_evidence_too(root: Path, harm: Callable[[Path], None]) -> None:
    bad = root.parent / "bad.csv"
    bad.write_text(HEADER + "f,a,2026-01-01,2026-01-07,many,5\n")
    land(FRAMES, [bad], root, landed_on=dt.date(2026, 2, 1), landed_at=NOW)
    (rejected,) = (root / "_rejected").rglob("*.parquet")
    harm(rejected)
    assert str(rejected) in problems(take(root, {}, RULES))


def without_privileges() -> list[str]:
    """What to put before a command so that file modes hold for it, also where tests run as root."""
    if os.getuid():
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root reads everything, and setpriv is not here to forbid it")
    denied = "-dac_override,-dac_read_search"
    return ["setpriv", "--bounding-set", denied, "--inh-caps", denied]


def test_a_folder_that_cannot_be_read_is_named(root: Path) -> None:
    landed(root)
    (root / DAY).chmod(0)
    script = (
        "import pathlib\nfrom plumbline.landing.inventory import Rules, take\n"
        f"print(*take(pathlib.Path({str(root)!r}), {{}}, Rules(tables={dict(RULES.tables)!r})).problems)"
    )
    command = [*without_privileges(), sys.executable, "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    (root / DAY).chmod(0o700)
    assert f"{root / DAY}: cannot be read (Permission denied)" in said.stdout


@pytest.mark.parametrize("place", ["", "no/such/landing"])
def test_a_path_that_is_mistyped_is_no_empty_landing(root: Path, place: str) -> None:
    landed(root)
    former = built(root)
    other = root.parent / (place or "empty")
    if not place:
        other.mkdir()
    found = problems(take(other, former, RULES))
    assert "PLUMBLINE_LANDING" in found
    assert str(other) in found


def test_loss_is_accepted_when_told_and_lists_what_goes(root: Path) -> None:
    by_land, by_pipeline = landed(root)
    former = built(root)
    by_land.unlink()
    by_pipeline.unlink()
    found = take(root, former, replace(RULES, accept_loss=True))
    assert found.problems == []
    assert sorted(found.warnings) == [
        f"{by_pipeline}: is gone (1 rows): accepted",
        f"{by_land}: is gone (2 rows): accepted",
    ]


def test_what_is_gone_comes_back_from_its_source(root: Path) -> None:
    by_land, _ = landed(root)
    former = built(root)
    by_land.unlink()
    (outcome,) = land(FRAMES, [root.parent / "frames-a-b.csv"], root, landed_at=NOW + dt.timedelta(days=1))
    assert (outcome.already_landed, outcome.landed) == (False, 2)
    assert take(root, former, RULES).problems == []


def test_a_touched_file_of_the_same_bytes_is_the_same(root: Path) -> None:
    _, by_pipeline = landed(root)
    former = built(root)
    shutil.copy2(by_pipeline, by_pipeline.with_suffix(".bak"))
    by_pipeline.with_suffix(".bak").replace(by_pipeline)
    os.utime(by_pipeline)
    found = take(root, former, RULES)
    assert found.problems == []
    assert found.files[f"{DAY}/part-0.parquet"].sha256 == former[f"{DAY}/part-0.parquet"].sha256


@pytest.mark.parametrize("harm", [cut_off, emptied, remove], ids=lambda harm: harm.__name__)
def test_a_damaged_ledger_is_named_and_its_copy_mends_it(root: Path, harm: Callable[[Path], None]) -> None:
    landed(root)
    ledger = Files(root)
    before = ledger.current.read_bytes()
    harm(ledger.current)
    found = problems(take(root, {}, RULES))
    assert str(ledger.current) in found
    assert "(1 lines, the last of 2026-03-01 12:00:00)" in found
    with pytest.raises(LedgerError, match=r"ledger\.parquet"):
        land(FRAMES, [frames(root.parent, "c")], root, landed_at=NOW)
    # The message says what to type.
    command = found.split(": ")[-1].split()
    assert command[0] == "cp"
    subprocess.run(command, check=True)
    assert ledger.current.read_bytes() == before
    built(root)


def test_a_ledger_of_which_nothing_is_left_leaves_no_file_unnamed(root: Path) -> None:
    by_land, _ = landed(root)
    shutil.rmtree(root / "_ledger")
    assert str(by_land) in problems(take(root, {}, RULES))


@pytest.mark.attack("growth")
def test_the_ledger_is_one_file_however_many_calls_there_were(root: Path) -> None:
    for number in range(12):
        land(FRAMES, [frames(root.parent, f"s{number}")], root, landed_at=NOW + dt.timedelta(days=number))
    assert sorted(file.name for file in (root / "_ledger").rglob("*.parquet")) == [
        "ledger.last_good.parquet",
        "ledger.parquet",
    ]
    assert len(take(root, {}, replace(RULES, latest=dt.date(2026, 4, 1))).ledger) == 12


def test_ledgers_of_single_calls_are_taken_up(root: Path) -> None:
    """Earlier versions wrote one a call."""
    landed(root)
    ledger = Files(root)
    old = root / "_ledger" / "landed_on=2026-02-01" / "20260301T120000000000-abcdefgh.parquet"
    old.parent.mkdir()
    duckdb.sql(
        f"copy (select * exclude (landed_size, landed_sha256, rejected_size, rejected_sha256) from '{ledger.current}')"
        f" to '{old}' (format parquet)"
    )
    ledger.current.unlink()
    ledger.last_good.unlink()
    built(root)
    land(FRAMES, [frames(root.parent, "c")], root, landed_at=NOW)
    assert not old.parent.exists()
    assert len(duckdb.sql(f"from '{ledger.current}'").fetchall()) == 2
    built(root)


def test_a_file_of_the_sample_and_of_others_is_refused(root: Path) -> None:
    write(
        root / DAY / "part-0.parquet",
        "select 'a' as task_id, 'sample' as _source_system union all select 'b', 'ours'",
    )
    assert "sample and real data share this landing" in problems(take(root, {}, RULES))


SHAPES = {
    "select 1 as task_id, 'de' as \"Market\"": "",
    "select 1 as task_id, 'de' as market, 'a' as filename, 1 as file_row_number, 2 as \"a, b\"": "",
    "select 1 as task_id, {'market': 'de'} as x, ['task_id'] as y": "",
    "select 1 as task_id, 'de' as \"Mar ket\"": "the contract calls it market",
    "select 1 as \"taskId\", 'de' as market": "the contract calls it task_id",
    "select 1 as task_id, 'x' as _landed_from": "a name that staging gives",
}


@pytest.mark.attack("shape of Parquet")
@pytest.mark.parametrize("select", SHAPES)
def test_columns_are_those_at_the_top_and_near_misses_are_named(root: Path, select: str) -> None:
    write(root / DAY / "part-0.parquet", select)
    found = take(root, {}, RULES)
    assert SHAPES[select] in problems(found)
    assert bool(found.problems) == bool(SHAPES[select])


@pytest.mark.attack("shape of Parquet")
def test_columns_that_only_capitals_tell_apart_are_refused(root: Path) -> None:
    """DuckDB writes no such file, so a name is changed in one that it wrote."""
    file = write(root / DAY / "part-0.parquet", "select 't' as task_id, 'u' as task_ix")
    file.write_bytes(file.read_bytes().replace(b"task_ix", b"TASK_ID"))
    assert "two columns are called task_id" in problems(take(root, {}, RULES))


@pytest.mark.attack("shape of Parquet")
def test_columns_that_nobody_reads_are_said_once(root: Path) -> None:
    for number in range(3):
        write(root / DAY / f"part-{number}.parquet", "select 1 as task_id, 2 as colour")
    found = take(root, {}, RULES)
    assert found.problems == []
    assert found.warnings == [
        "moderation.tasks: columns that are not in the contract and are not read: colour (3 files)"
    ]
