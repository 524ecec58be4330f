"""Spill folders and warehouses in use: each process has its own, and who comes second is told who was first."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT, Project
from test_arrival import differences

from plumbline.sample import Scale, write_sample
from plumbline.scratch import claim, release
from plumbline.warehouse import WarehouseError, copy_warehouse, open_warehouse

pytestmark = pytest.mark.attack("shared scratch")

HOLD = "import sys, time\n{what}\nprint('held', flush=True)\ntime.sleep(60)\n"


def start(what: str) -> subprocess.Popen[str]:
    """A process that holds something until it is ended."""
    process = subprocess.Popen([sys.executable, "-c", HOLD.format(what=what)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


def claiming(parent: Path, warehouse: str) -> str:
    return f"from plumbline.scratch import claim\nfrom pathlib import Path\nclaim(Path({str(parent)!r}), {warehouse!r})"


def test_two_processes_of_one_warehouse_have_two_folders(tmp_path: Path) -> None:
    other = start(claiming(tmp_path, "w.duckdb"))
    mine = claim(tmp_path, "w.duckdb")
    try:
        assert claim(tmp_path, "w.duckdb") == mine, "one process asks twice and gets the same"
        assert len(list(tmp_path.glob("spill-*"))) == 2
        release(mine)
        assert mine.is_dir(), "who asked first still has it"
    finally:
        end(other)
        release(mine)
    assert not mine.exists()


def test_what_a_killed_process_left_goes_at_the_next_start(tmp_path: Path) -> None:
    other = start(claiming(tmp_path, "w.duckdb"))
    (left,) = tmp_path.glob("spill-*")
    (left / "duckdb_temp_storage-0.tmp").write_bytes(b"x" * 1000)
    other.send_signal(signal.SIGKILL)
    other.wait()
    mine = claim(tmp_path, "v.duckdb")
    release(mine)
    assert not list(tmp_path.glob("spill-*"))


def test_a_folder_in_use_is_refused_in_a_line_that_says_by_whom(tmp_path: Path) -> None:
    """As where two containers number their processes alike."""
    mine = claim(tmp_path, "w.duckdb")
    release(mine)
    holding = (
        "import fcntl, os, pathlib\n"
        f"folder = pathlib.Path({str(mine)!r}); folder.mkdir()\n"
        "file = (folder / '.owner').open('w'); file.write('process 7 on host far-away'); file.flush()\n"
        "fcntl.flock(file, fcntl.LOCK_EX)"
    )
    other = start(holding)
    try:
        with pytest.raises(ValueError, match=r"in use by process 7 on host far-away.*PLUMBLINE_SPILL") as error:
            claim(tmp_path, "w.duckdb")
        assert "\n" not in str(error.value)
    finally:
        end(other)


def building(project: Project) -> subprocess.Popen[bytes]:
    """A build of the whole project in little memory, so that it spills."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLUMBLINE_")}
    given = {"PLUMBLINE_MEMORY_LIMIT": "250MiB", "PLUMBLINE_SPILL": str(project.folder.parent / "spill")}
    return subprocess.Popen(
        [sys.executable, "-m", "dbt.cli.main", *project.arguments("build"), "--exclude-resource-type", "unit_test"],
        cwd=ROOT,
        env={**kept, **project.environment(), **given},
        stdout=(project.folder / "dbt.out").open("wb"),
        stderr=subprocess.STDOUT,
    )


@pytest.mark.long
def test_two_builds_of_one_checkout_that_spill_are_both_right(tmp_path: Path) -> None:
    write_sample(Scale("spilling", days=30, decisions=200_000), tmp_path / "landing", seed=5)
    projects = [Project(tmp_path / name) for name in ("alone", "one", "other")]
    for project in projects:
        project.folder.mkdir()
        (project.folder / "landing").symlink_to(tmp_path / "landing")
    alone, one, other = projects
    alone.build()
    builds = [building(one), building(other)]
    spilled: set[Path] = set()
    while any(build.poll() is None for build in builds):
        spilled |= {file.parent for file in (tmp_path / "spill").glob("spill-*/duckdb_temp_*")}
        time.sleep(0.1)
    assert [build.returncode for build in builds] == [0, 0]
    assert len(spilled) == 2, "both wrote to disk, each into its own folder"
    assert differences(alone, one) == {}
    assert differences(alone, other) == {}
    assert not list((tmp_path / "spill").glob("spill-*"))


def opening(warehouse: Path) -> str:
    return f"import duckdb\nconnection = duckdb.connect({str(warehouse)!r})"


@pytest.mark.attack("two at once")
def test_a_warehouse_in_use_is_refused_in_a_line_that_says_by_whom(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    other = start(opening(warehouse))
    try:
        for read_only in (True, False):
            with pytest.raises(WarehouseError, match=f"in use by process {other.pid}") as error:
                open_warehouse(warehouse, read_only=read_only)
            assert "\n" not in str(error.value)
    finally:
        end(other)


@pytest.mark.slow
@pytest.mark.attack("two at once")
def test_a_build_beside_another_says_so_without_a_traceback(tmp_path: Path) -> None:
    project = Project(tmp_path)
    other = start(opening(project.warehouse))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLUMBLINE_")}
    try:
        said = subprocess.run(
            [sys.executable, "-m", "dbt.cli.main", *project.arguments("build")],
            cwd=ROOT, env={**kept, **project.environment()}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    finally:
        end(other)
    assert said.returncode != 0
    assert f"{project.warehouse} is in use by process {other.pid}" in said.stdout
    assert "Traceback" not in said.stdout + said.stderr
    assert not list((tmp_path / "spill").glob("spill-*")), "the run removes its folder"


@pytest.mark.attack("two at once")
def test_a_copy_is_whole_and_who_reads_the_last_one_goes_on(tmp_path: Path) -> None:
    warehouse, copy = tmp_path / "w.duckdb", tmp_path / "readers" / "w.duckdb"
    with open_warehouse(warehouse) as connection:
        connection.execute("create table t as select 1 as a")
        connection.execute("create view v as select * from w.main.t")
    copy_warehouse(warehouse, copy)
    with open_warehouse(copy, read_only=True) as reader:
        with open_warehouse(warehouse) as connection:
            connection.execute("insert into t values (2)")
        copy_warehouse(warehouse, copy)
        assert reader.execute("from v").fetchall() == [(1,)]
    with open_warehouse(copy, read_only=True) as reader:
        assert reader.execute("from v order by 1").fetchall() == [(1,), (2,)]
    with pytest.raises(WarehouseError, match="has the name of its warehouse"):
        copy_warehouse(warehouse, tmp_path / "other.duckdb")
