"""Killed, or out of disk, no command leaves a part of what it writes; run again, it does the whole."""

import datetime as dt
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pytest
from conftest import ROOT

from plumbline.cli import main
from plumbline.landing.land import land
from plumbline.landing.mapping import load_mapping

pytestmark = pytest.mark.attack("half-written outputs")

KILLS = [pytest.param(3, id="three"), pytest.param(50, id="fifty", marks=pytest.mark.long)]
DRAWN = ["audit_frames.csv", "audits.csv", "audits.xlsx", "strata.csv"]


def tree(folder: Path) -> dict[str, str]:
    """A digest of each file under a folder; empty where it is not there. Workbooks hold the time of writing."""
    return {
        str(file.relative_to(folder)): "" if file.suffix == ".xlsx" else hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def remnants(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if ".partial-" in path.name]


def start(*arguments: str, project: Path | None = None, limit: int | None = None) -> subprocess.Popen[str]:
    """Start the command; with `limit` no file may grow beyond so many bytes, as on a disk that is full."""

    def keep_small() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLUMBLINE_")}
    return subprocess.Popen(
        [sys.executable, "-B", "-m", "plumbline.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=kept | ({"PLUMBLINE_PROJECT": str(project)} if project else {}),
        preexec_fn=keep_small,
    )


def whole(*arguments: str, project: Path | None = None) -> float:
    """Run the command to its end; return how long it took."""
    began = time.monotonic()
    process = start(*arguments, project=project)
    _, said = process.communicate()
    assert process.returncode == 0, said
    return time.monotonic() - began


def any_file_in(folder: Path) -> bool:
    return any(folder.iterdir())


def kill_while_writing(process: subprocess.Popen[str], has_begun: Callable[[], bool], after: float) -> None:
    while not has_begun() and process.poll() is None:
        time.sleep(0.002)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `audit draw` reads of a warehouse, in so many rows that writing takes a while."""
    file = tmp_path_factory.mktemp("drawn_from") / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            """
            create schema dev_marts;
            create table dev_marts.fct_decisions as
            select 'D' || range as decision_id, 'q' || range % 3 as queue_id, true as is_production,
                'remove' as outcome, date '2026-01-05' + (range % 7)::int as decided_on
            from range(20000);
            create table dev_marts.fct_verdicts (
                decision_id varchar, final_cell varchar, sample_design varchar, decided_on date
            );
            """
        )
    return file


def draw(warehouse: Path, out: Path) -> list[str]:
    auditors = warehouse.parent / "auditors.txt"
    auditors.write_text("QA1\nQA2\n")
    return [
        "audit", "draw", "--first", "2026-01-05", "--last", "2026-01-11", "--by", "queue", "--total", "4000",
        "--auditors", str(auditors), "--seed", "1", "--out", str(out), "--warehouse", str(warehouse),
    ]  # fmt: skip


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_draw_is_whole_or_absent_and_runs_again(kills: int, warehouse: Path, tmp_path: Path) -> None:
    whole(*draw(warehouse, tmp_path / "reference"))
    expected = tree(tmp_path / "reference")
    assert sorted(expected) == DRAWN
    chance = np.random.default_rng(kills)
    cut_short = 0
    for number in range(kills):
        there = tmp_path / str(number)
        there.mkdir()
        out = there / "draw"
        process = start(*draw(warehouse, out))
        kill_while_writing(process, partial(any_file_in, there), chance.random() * 0.8)
        assert tree(out) in ({}, expected)
        if tree(out):
            continue
        cut_short += 1
        assert not out.exists()
        whole(*draw(warehouse, out))
        assert tree(out) == expected
        assert remnants(there) == []
    assert cut_short >= kills / 4


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_sample_is_whole_or_absent_and_what_was_there_stays(kills: int, tmp_path: Path) -> None:
    def sample(landing: Path, seed: int) -> list[str]:
        return ["sample", "--scale", "2000", "--days", "14", "--seed", str(seed), "--landing", str(landing)]

    seconds = whole(*sample(tmp_path / "first", 1))
    whole(*sample(tmp_path / "second", 2))
    first, second = tree(tmp_path / "first"), tree(tmp_path / "second")
    assert first != second
    chance = np.random.default_rng(kills)
    cut_short = 0
    for number in range(kills):
        landing = tmp_path / str(number) / "landing"
        landing.parent.mkdir()
        replaces = number % 2 == 1
        if replaces:
            shutil.copytree(tmp_path / "first", landing)
        before = set(landing.parent.rglob("*.parquet"))
        process = start(*sample(landing, 2))

        def has_begun(folder: Path = landing.parent, before: set[Path] = before) -> bool:
            return set(folder.rglob("*.parquet")) != before

        kill_while_writing(process, has_begun, chance.random() * seconds * 0.4)
        assert tree(landing) in ([first, second] if replaces else [{}, second])
        cut_short += tree(landing) != second
        whole(*sample(landing, 2), *([] if landing.exists() else ["--if-absent"]))
        assert tree(landing) == second
        assert remnants(landing.parent) == []
    assert cut_short >= kills / 4


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose lock and pages are its own."""
    root = tmp_path / "project"
    root.mkdir()
    for name in ("contracts", "seeds", "dbt_project.yml"):
        (root / name).symlink_to(ROOT / name)
    for name in ("models", "macros"):
        shutil.copytree(ROOT / name, root / name)
    shutil.copy(ROOT / "metrics.lock", root)
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("*.svg", "__pycache__"))
    return root


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_lock_is_the_old_or_the_new_one(kills: int, project: Path) -> None:
    lock = project / "metrics.lock"
    new = lock.read_bytes()
    from plumbline.governance.lock import lock_of, model_digests
    from plumbline.governance.metrics import load_metrics

    metrics = load_metrics(project / "models")
    old = lock_of(metrics[1:], model_digests(project, metrics)).encode()
    lock.write_bytes(old)
    seconds = whole("metrics", "--lock", project=project)
    assert lock.read_bytes() == new
    chance = np.random.default_rng(kills)
    for _ in range(kills):
        lock.write_bytes(old)
        process = start("metrics", "--lock", project=project)
        kill_while_writing(process, lambda: True, (0.5 + chance.random() * 0.6) * seconds)
        assert lock.read_bytes() in (old, new)
        whole("metrics", "--lock", project=project)
        assert lock.read_bytes() == new
        assert remnants(project) == []


def test_on_a_full_disk_what_was_stays_as_it_was(project: Path, warehouse: Path, tmp_path: Path) -> None:
    """Every command, by a limit on the size of files that stops it in the middle of one."""
    landing = tmp_path / "landing"
    whole("sample", "--scale", "2000", "--days", "7", "--landing", str(landing))
    for page in (project / "docs").glob("*.md"):
        page.write_text("as it was\n" * 1000)
    before = {folder: tree(folder) for folder in (project, landing)}
    for arguments in (
        ["docs"],
        ["metrics", "--lock"],
        ["sample", "--scale", "2000", "--days", "7", "--seed", "2", "--landing", str(landing)],
        draw(warehouse, tmp_path / "draw"),
    ):
        process = start(*arguments, project=project, limit=3000)
        _, said = process.communicate()
        assert process.returncode != 0, arguments
        assert "File too large" in said
        assert {folder: tree(folder) for folder in before} == before, arguments
        assert remnants(tmp_path) == []
    assert not (tmp_path / "draw").exists()


def broken_locks() -> dict[str, bytes]:
    text = (ROOT / "metrics.lock").read_bytes()
    lines = text.splitlines(keepends=True)
    return {
        "emptied": b"",
        "blank": b"\n",
        "cut after a line": b"".join(lines[:40]),
        "cut in a line": text[: len(text) // 2],
        "without its last line": b"".join(lines[:-1]),
        "without a metric": b"".join(lines[1:]),
        "a metric twice": b"".join([lines[0], *lines]),
        "only the last line": lines[-1],
        "in conflict": b"<<<<<<< ours\n" + lines[0] + b"=======\n" + b"".join(lines),
        "another version": text.replace(b" 1 ", b" 2 ", 1),
        "no text": os.urandom(64),
    }


@pytest.mark.parametrize("fault", broken_locks())
def test_a_lock_that_is_not_whole_is_refused_with_what_to_do(
    fault: str, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a definition that changed would count as new, and pass without a version."""
    monkeypatch.setenv("PLUMBLINE_PROJECT", str(project))
    lock, broken = project / "metrics.lock", broken_locks()[fault]
    lock.write_bytes(broken)
    for arguments in (["metrics"], ["metrics", "--lock"]):
        assert main(arguments) == 1
        (said,) = capsys.readouterr().err.splitlines()
        assert "metrics.lock" in said
        assert "git checkout metrics.lock" in said
        assert lock.read_bytes() == broken
    assert main(["metrics", "--lock", "--new"]) == 1
    assert "is there already" in capsys.readouterr().err
    assert lock.read_bytes() == broken


def test_a_lock_begins_where_it_is_told_to(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUMBLINE_PROJECT", str(project))
    lock = project / "metrics.lock"
    expected = lock.read_bytes()
    lock.unlink()
    for arguments in (["metrics"], ["metrics", "--lock"]):
        assert main(arguments) == 1
        assert "plumbline metrics --lock --new" in capsys.readouterr().err
        assert not lock.exists()
    assert main(["metrics", "--new"]) == 1
    assert main(["metrics", "--lock", "--new"]) == 0
    assert lock.read_bytes() == expected
    assert main(["metrics"]) == 0


def states(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mode,
            path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [folder, *folder.rglob("*")]
    }


@pytest.mark.parametrize("landing", ["absent", "empty", "landed"])
@pytest.mark.parametrize("rows", ["good", "rejected", "unreadable", "unmapped", "damaged ledger"])
def test_a_check_leaves_everything_as_it_was(
    landing: str, rows: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = "frame_id,stratum,period_start,period_end,population_count,planned_n\n"
    place, file, mapping = tmp_path / "landing", tmp_path / "frames.csv", "contract"
    file.write_text(header + "f,a,2026-01-01,2026-01-07,100,5\n")
    frames = load_mapping(mapping, {"table": "quality.audit_frames"})
    if landing == "empty":
        place.mkdir()
    if landing == "landed":
        land(frames, [file], place, landed_on=dt.date(2026, 1, 5), landed_at=dt.datetime(2026, 1, 5, 12))
    file.write_text(header + f"f,b,2026-01-01,2026-01-07,{'many' if rows == 'rejected' else 100},5\n")
    if rows == "unreadable":
        file.write_bytes(b"\xff\xfe\x00")
    if rows == "unmapped":
        file.write_text("other\n1\n")
    if rows == "damaged ledger":
        (place / "_ledger" / "landed_on=2026-01-05").mkdir(parents=True, exist_ok=True)
        (place / "_ledger" / "landed_on=2026-01-05" / "torn.parquet").write_bytes(b"PAR1")
    # What is temporary shows here, too.
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path)
    before = states(tmp_path)
    temporary = before.pop("temporary")
    arguments = [
        "land",
        "contract",
        str(file),
        "--set",
        "table=quality.audit_frames",
        "--landing",
        str(place),
        "--check",
    ]
    try:
        code = main(arguments)
    except duckdb.Error:
        code = 1
    assert code == (0 if rows in ("good", "rejected") else 1)
    after = states(tmp_path)
    assert after.pop("temporary")[0] == temporary[0]
    assert after == before
