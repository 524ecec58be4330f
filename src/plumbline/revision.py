"""Which commit a folder stands at."""

import subprocess
from pathlib import Path


def revision(folder: Path) -> str:
    """The commit, with a plus where something is changed; `unknown` outside Git."""
    asked = subprocess.run(
        ["git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=+"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return asked.stdout.strip() or "unknown"
