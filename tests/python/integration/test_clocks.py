"""Clocks that were set back, stand still or run ahead: what came later stays later, and figures stay what they are."""

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Project
from test_arrival import differences

from plumbline import clock
from plumbline.landing.land import land
from plumbline.landing.mapping import load_mapping

pytestmark = [pytest.mark.slow, pytest.mark.attack("clocks")]

FRAMES = load_mapping("contract", {"table": "quality.audit_frames"})
START = dt.datetime(2026, 3, 1, 12)
CLOCKS = {
    "back by two hours": [dt.timedelta(0), dt.timedelta(hours=-2), dt.timedelta(hours=-4)],
    "back by years": [dt.timedelta(0), dt.timedelta(days=-800), dt.timedelta(days=-400)],
    "standing still": [dt.timedelta(0), dt.timedelta(0), dt.timedelta(0)],
    "ahead, then mended": [dt.timedelta(days=30_000), dt.timedelta(0), dt.timedelta(seconds=1)],
}


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: dt.datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def land_days(sample: Path, project: Project, days: range) -> None:
    for day in days:
        for file in sample.glob(f"*/*/landed_on=2026-01-{day:02}/*.parquet"):
            place = project.landing / file.relative_to(sample)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)


@pytest.mark.long
@pytest.mark.parametrize("name", CLOCKS)
def test_whatever_the_clock_says_every_row_is_read(
    name: str,
    tiny_sample: Path,
    tiny: Project,
    new_project: Callable[..., Project],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = new_project("clock")
    # To a clock that is years back, these days lie in the future.
    tolerance = ("--vars", "landed_on_tolerance_days: 1000")
    for shift, days in zip(CLOCKS[name], (range(1, 8), range(8, 13), range(13, 32)), strict=True):
        set_clock(monkeypatch, START + shift)
        land_days(tiny_sample, project, days)
        project.build("--exclude-resource-type", "test", *tolerance)
    assert differences(project, tiny) == {}


def corrected(folder: Path, planned: int) -> Path:
    file = folder / f"frames-{planned}.csv"
    file.write_text(
        "frame_id,stratum,period_start,period_end,population_count,planned_n\n"
        f"f,a,2026-01-01,2026-01-07,100,{planned}\n"
    )
    return file


@pytest.mark.parametrize("name", CLOCKS)
def test_the_correction_that_landed_last_holds(
    name: str, tmp_path: Path, new_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = new_project("correction", salt="a salt of some length: 8f3c")
    for planned, shift in zip((5, 6, 7), CLOCKS[name], strict=True):
        set_clock(monkeypatch, START + shift)
        land(FRAMES, [corrected(tmp_path, planned)], project.landing, landed_at=START + shift)
    set_clock(monkeypatch, START + CLOCKS[name][0])
    project.build_up_to("fct_audit_frames")
    assert project.query("select planned_n from dev_marts.fct_audit_frames") == [(7,)]


def test_a_day_in_the_future_is_refused_at_the_door(tmp_path: Path) -> None:
    for day in (dt.date(2126, 1, 1), START.date() + dt.timedelta(days=2)):
        with pytest.raises(ValueError, match="lies in the future"):
            land(FRAMES, [corrected(tmp_path, 5)], tmp_path / "landing", landed_at=START, landed_on=day)
    land(FRAMES, [corrected(tmp_path, 5)], tmp_path / "landing", landed_at=START, landed_on=dt.date(2026, 3, 2))
