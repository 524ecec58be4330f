"""What Plumbline writes is for its owner alone: files 0600, folders 0700."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

UMASK = 0o077


def keep_private() -> None:
    """From here on, what this process makes can be read by its owner only."""
    os.umask(UMASK)


def tighten(paths: Iterable[Path]) -> list[Path]:
    """Take the rights of group and others from files and whole folders that are there.

    Returns:
        What could not be changed, as a rule because somebody else owns it.
    """
    return [path for top in paths for path in _with_children(top) if not _is_private_now(path)]


def warn_of(left_open: list[Path]) -> None:
    """Say on standard error what others may still read."""
    if left_open:
        others = f" and {len(left_open) - 1:,} more" if len(left_open) > 1 else ""
        print(
            f"plumbline: {left_open[0]}{others} can be read by others, and belongs to somebody else: let its owner run"
            " chmod -R go= on it",
            file=sys.stderr,
        )


def _with_children(top: Path) -> Iterable[Path]:
    if top.is_symlink() or not top.exists():
        return
    yield top
    for folder, folders, files in os.walk(top):
        yield from (Path(folder) / name for name in [*folders, *files])


def _is_private_now(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
        if mode & UMASK and not path.is_symlink():
            path.chmod(mode & 0o7777 & ~UMASK)
    except FileNotFoundError:
        return True
    except PermissionError:
        return False
    return True
