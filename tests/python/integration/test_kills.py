"""Calls of `plumbline land` killed at any moment: each file counts once after its rerun, and nothing is left over."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import numpy as np
import pytest

from plumbline.landing.inventory import Rules, take
from plumbline.landing.ledger import Files

pytestmark = [pytest.mark.slow, pytest.mark.attack("half-written outputs")]

ROWS = 20_000
KILLS = [pytest.param(6, id="six"), pytest.param(50, id="fifty", marks=pytest.mark.long)]
RULES = Rules(tables={"quality.audit_frames": ["frame_id", "stratum"]})


def frames(folder: Path, number: int) -> Path:
    """A file of its own rows, one in ten of which cannot be typed."""
    file = folder / f"frames-{number}.csv"
    lines = ["frame_id,stratum,period_start,period_end,population_count,planned_n"]
    lines += [f"f{number},s{row},2026-01-01,2026-01-07,{'many' if row % 10 == 0 else 100},5" for row in range(ROWS)]
    file.write_text("\n".join(lines) + "\n")
    return file


def landing_call(file: Path, landing: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "plumbline.cli", "land", "contract", str(file), "--set", "table=quality.audit_frames",
         "--landing", str(landing), "--landed-on", "2026-02-01"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_call_counts_once_after_its_rerun(kills: int, tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    started = time.monotonic()
    assert landing_call(frames(tmp_path, 0), landing).wait() == 0
    whole = time.monotonic() - started
    draw = np.random.default_rng(kills)
    killed = 0
    for number in range(1, kills + 1):
        file = frames(tmp_path, number)
        process = landing_call(file, landing)
        time.sleep(whole * draw.uniform(0.3, 1.1))
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        # Whatever moment it was, a build that starts now finds whole calls only.
        assert take(landing, {}, RULES).problems == []
        assert landing_call(file, landing).wait() == 0
        file.unlink()
    assert killed >= kills // 3, "the calls were over before they could be killed"
    found = take(landing, {}, RULES)
    assert found.problems == []
    kept = landing / "quality" / "audit_frames" / "landed_on=2026-02-01" / "*.parquet"
    counted = duckdb.sql(
        "select frame_id, count(*), count(distinct stratum)"
        f" from read_parquet('{kept}', hive_partitioning = false) group by 1"
    ).fetchall()
    assert sorted(counted) == sorted((f"f{number}", ROWS * 9 // 10, ROWS * 9 // 10) for number in range(kills + 1))
    assert [line["rejected"] for line in found.ledger] == [ROWS // 10] * (kills + 1)
    assert not list(Files(landing).staged())
