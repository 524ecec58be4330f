"""A process of its own, measured by what the system says it used."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Cost:
    """What one process cost."""

    wall: float
    cpu: float
    peak_mib: float


class Failed(SystemExit):
    """A process that was measured did not end well; ends the benchmark unless it is caught."""


def measured(command: list[str], environment: dict[str, str], log: Path) -> Cost:
    """Run a process to its end and read what the system says it used.

    Raises:
        Failed: when it ends with another status than 0.
    """
    started = time.perf_counter()
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        # Negative: the signal that ended it.
        raise Failed(f"failed with status {os.waitstatus_to_exitcode(status)}, see {log}")
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
