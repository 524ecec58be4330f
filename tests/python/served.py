"""The publish commands as tests run them, in a process of their own."""

import os
import subprocess
import sys

from conftest import Project


def publishes(project: Project, dsn: str, *options: str) -> None:
    done = commanded(project, dsn, *options)
    assert done.returncode == 0, done.stderr


def commanded(project: Project, dsn: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "plumbline.cli", "publish", "postgres", *options]
    return subprocess.run(command, env=environment(project, dsn), capture_output=True, text=True)


def environment(project: Project, dsn: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLUMBLINE_")}
    target = {"DBT_TARGET_PATH": str(project.folder / "target"), "PLUMBLINE_POSTGRES_DSN": dsn}
    return {**kept, **project.environment(), **target}
