"""What many landings cost a build with nothing new, and a call of `land`: ten thousand against a hundred.

    python bench/landings.py --scratch /path/with/space

The first landing is a call of `plumbline land`. The others are copies of its file, under lines of their own in the
ledger, since ten thousand calls would take an hour.
"""

import argparse
import datetime as dt
import secrets
import shutil
import sys
from pathlib import Path

import duckdb
from process import measured

from plumbline.landing import ledger

HEADER = "frame_id,stratum,period_start,period_end,population_count,planned_n\n"
DAYS = 50


def landed(folder: Path, landings: int) -> dict[str, str]:
    """A landing of so many calls; the environment to build it in."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    environment = {
        "PLUMBLINE_LANDING": str(folder / "landing"),
        "PLUMBLINE_WAREHOUSE": str(folder / "plumbline.duckdb"),
        "PLUMBLINE_SPILL": str(folder / "spill"),
        "PLUMBLINE_SALT": secrets.token_urlsafe(32),
    }
    land(folder, environment, "first")
    landing = folder / "landing"
    with ledger.committing(landing), duckdb.connect() as connection:
        (first,) = ledger.read(landing, connection)
        lines = []
        for number in range(1, landings):
            day = first["landed_on"] - dt.timedelta(days=number % DAYS)
            place = f"quality/audit_frames/landed_on={day}/{number}.land.parquet"
            (landing / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(landing / first["landed_file"], landing / place)
            lines.append(
                first | {"call_id": str(number), "source_sha256": str(number), "landed_file": place, "landed_on": day}
            )
        work = folder / "work"
        work.mkdir()
        ledger.add(landing, connection, lines, work)
    return environment


def land(folder: Path, environment: dict[str, str], name: str) -> float:
    """Land a file of one row; seconds."""
    file = folder / f"{name}.csv"
    file.write_text(f"{HEADER}f,{name},2026-01-01,2026-01-07,100,5\n")
    asked = ["land", "contract", str(file), "--set", "table=quality.audit_frames"]
    command = [sys.executable, "-m", "plumbline.cli", *asked]
    return measured(command, environment, folder / "land.log").wall


def build(folder: Path, environment: dict[str, str]) -> float:
    """Build without unit tests; seconds."""
    options = ["--exclude-resource-type", "unit_test"]
    options += ["--target-path", str(folder / "target"), "--log-path", str(folder)]
    command = [sys.executable, "-m", "dbt.cli.main", "build", "--quiet", *options]
    return measured(command, environment, folder / "build.log").wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scratch", type=Path, required=True, help="folder for the data, outside the project")
    parser.add_argument("--landings", type=int, nargs=2, default=[100, 10_000], help="numbers (default: 100 10000)")
    arguments = parser.parse_args()
    nothing_new = []
    for landings in arguments.landings:
        folder = arguments.scratch / f"landings_{landings}"
        environment = landed(folder, landings)
        first = build(folder, environment)
        nothing_new.append(min(build(folder, environment) for _ in range(2)))
        call = land(folder, environment, "one_more")
        seconds = f"first build {first:.1f} s, nothing new {nothing_new[-1]:.1f} s, a call {call:.2f} s"
        print(f"{landings:,} landings: {seconds}")
    few, many = nothing_new
    print(f"nothing new: {many / few:.2f} x (bound 1.3)")


if __name__ == "__main__":
    main()
