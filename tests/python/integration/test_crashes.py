"""What breaks off: a killed build, an unreadable file, a full disk."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, Project
from test_arrival import COLUMNS_OF_A_RUN, differences

pytestmark = [pytest.mark.slow, pytest.mark.attack("crashes of a build")]

KILLS = [pytest.param(3, id="three"), pytest.param(50, id="fifty", marks=pytest.mark.long)]


def start_build(project: Project) -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLUMBLINE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "dbt.cli.main", *project.arguments("build"), "--exclude-resource-type", "test"],
        cwd=ROOT,
        env={**kept, **project.environment()},
        stdout=(project.folder / "dbt.out").open("wb"),
        stderr=subprocess.STDOUT,
    )


def marts(project: Project) -> dict[str, str]:
    """A digest of the content of every mart that is a table, whatever the order of its rows."""
    digests = {}
    with project.connect() as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'dev_marts'"
            " and table_type = 'BASE TABLE' order by 1"
        ).fetchall()
        for (name,) in names:
            columns = [row[0] for row in connection.execute(f"describe dev_marts.{name}").fetchall()]
            kept = ", ".join(f'"{column}"' for column in columns if column not in COLUMNS_OF_A_RUN)
            sql = f"select count(*), bit_xor(hash({kept})) from dev_marts.{name}"
            digests[name] = str(connection.execute(sql).fetchall()[0])
    return digests


def land_from(sample: Path, project: Project, *, january_only: bool) -> None:
    for file in sample.glob("*/*/landed_on=*/*.parquet"):
        place = project.landing / file.relative_to(sample)
        if not january_only or file.parent.name <= "landed_on=2026-01-08":
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_build_leaves_whole_marts_and_the_next_one_mends(
    kills: int, tiny_sample: Path, tiny: Project, new_project: Callable[..., Project]
) -> None:
    project = new_project(f"killed_{kills}")
    land_from(tiny_sample, project, january_only=True)
    project.build()
    whole = {name: {digest} for name, digest in marts(project).items()}
    for name, digest in marts(tiny).items():
        whole[name].add(digest)
    land_from(tiny_sample, project, january_only=False)

    draw = np.random.default_rng(kills)
    interrupted = 0
    for number in range(kills):
        process = start_build(project)
        # Not before the first model runs; then anywhere within about the time that the models take.
        wait_for_models(project, process)
        time.sleep(0.2 + 3.5 * (number + draw.random()) / kills)
        interrupted += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert set(marts(project)) == set(whole), f"a mart is gone after kill {number + 1}"
        for name, digest in marts(project).items():
            assert digest in whole[name], f"{name} is neither as it was nor as it will be after kill {number + 1}"
    assert interrupted >= 2, "the builds were over before they could be killed"
    project.build()
    assert differences(project, tiny) == {}


@pytest.mark.long
def test_a_file_that_arrives_during_a_build_waits_for_the_next(
    tiny_sample: Path, tiny: Project, new_project: Callable[..., Project]
) -> None:
    project = new_project("meanwhile")
    land_from(tiny_sample, project, january_only=True)
    process = start_build(project)
    wait_for_models(project, process)
    land_from(tiny_sample, project, january_only=False)
    assert process.wait() == 0
    read = project.query("select max(landed_on), count(*) from dev_staging.stg_landing__files")
    assert str(read[0][0]) <= "2026-01-08"
    unbalanced = "select count(*) from dev_intermediate.int_reconciliation where not is_balanced"
    assert project.query(unbalanced) == [(0,)], "all that this build listed is accounted for"
    project.build()
    assert differences(project, tiny) == {}


@pytest.mark.parametrize("full_refresh", [False, True], ids=["incremental", "full refresh"])
def test_no_build_with_fewer_rows_than_landed_ends_well(
    full_refresh: bool, tiny_sample: Path, new_project: Callable[..., Project]
) -> None:
    project = new_project("fewer")
    land_from(tiny_sample, project, january_only=True)
    project.build_up_to("fct_audit_frames")
    before = project.query("select count(*) from dev_staging.base_quality__audit_frames")
    (file, *_) = sorted((project.landing / "quality" / "audit_frames").rglob("*.parquet"))
    aside = project.folder / "aside.parquet"
    places = [aside, file.with_suffix(".PARQUET"), file.parent.with_name("dt=2026-01-01") / file.name]
    for place in places:
        place.parent.mkdir(exist_ok=True)
        file.rename(place)
        result = project.dbt("build", *(["--full-refresh"] if full_refresh else []))
        assert not result.success
        assert str(file) in "\n".join(result.messages)
        assert "Nothing was changed" in "\n".join(result.messages)
        assert project.query("select count(*) from dev_staging.base_quality__audit_frames") == before
        place.rename(file)
        if place.parent != file.parent and place != aside:
            place.parent.rmdir()
    # As it was: copied back, of another time, but the same bytes.
    project.build_up_to("fct_audit_frames")
    file.rename(aside)
    refused = project.dbt("build", "--vars", "accept_loss: true")
    assert "without a selection" in "\n".join(refused.messages), "what is gone would stay"


def wait_for_models(project: Project, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        if b" START sql " in (project.folder / "dbt.out").read_bytes():
            return
        time.sleep(0.05)


def test_an_unreadable_file_is_one_error_that_names_it_and_nothing_changes(
    tiny_sample: Path, new_project: Callable[..., Project]
) -> None:
    project = new_project("unreadable")
    land_from(tiny_sample, project, january_only=True)
    project.build("--exclude-resource-type", "test")
    before = marts(project), project.query("select count(*) from dev_staging.base_moderation__decisions")
    land_from(tiny_sample, project, january_only=False)
    torn = project.landing / "moderation" / "decisions" / "landed_on=2026-01-12" / "torn.parquet"
    whole = (torn.parent / "sample.parquet").read_bytes()
    torn.write_bytes(whole[: len(whole) // 2])
    result = project.dbt("build")
    assert not result.success
    assert "torn.parquet" in "\n".join(result.messages)
    assert (marts(project), project.query("select count(*) from dev_staging.base_moderation__decisions")) == before
    torn.unlink()
    project.build_up_to("fct_decisions")


def mount_small_disk(folder: Path, mebibytes: int, *, remount: bool = False) -> None:
    """A disk in memory of so many MiB at `folder`, or another size for the one that is there; skips where forbidden."""
    folder.mkdir(exist_ok=True)
    options = f"{'remount,' if remount else ''}size={mebibytes}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"may not mount a small disk: {mounted.stderr.strip()}")


@pytest.mark.long
def test_a_full_disk_ends_in_a_clear_error_and_leaves_whole_marts(
    tiny_sample: Path, tiny: Project, new_project: Callable[..., Project]
) -> None:
    project = new_project("full_disk")
    project.folder.mkdir(parents=True, exist_ok=True)
    project.disk = project.folder / "disk"
    mount_small_disk(project.disk, 300)
    try:
        land_from(tiny_sample, project, january_only=True)
        project.build()
        before, after = marts(project), marts(tiny)
        assert before != after
        used = -(-sum(file.stat().st_size for file in project.disk.iterdir() if file.is_file()) // 2**20)
        mount_small_disk(project.disk, used + 1, remount=True)
        land_from(tiny_sample, project, january_only=False)
        build = start_build(project)
        assert build.wait() == 1
        said = (project.folder / "dbt.out").read_text()
        assert "No space left on device" in said or "failed to offload" in said, said[-2000:]
        assert set(marts(project)) == set(before)
        for name, digest in marts(project).items():
            assert digest in (before[name], after[name]), f"{name} is neither as it was nor as it will be"
        mount_small_disk(project.disk, 300, remount=True)
        project.build()
        assert differences(project, tiny) == {}
    finally:
        subprocess.run(["umount", str(project.disk)], check=True)
