"""Spill folders: one for each warehouse and process.

DuckDB gives its temporary files the same names in every process. Two processes that spill into one folder overwrite
each other's files: queries fail, and some give wrong sums without an error.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

OWNER = ".owner"
_claimed: dict[Path, IO[str]] = {}


class ScratchInUseError(ValueError):
    """Another process spills into the folder; the message says which."""


def claim(parent: Path, warehouse: str) -> Path:
    """Make the spill folder of `warehouse` and this process under `parent`; it is removed when the process ends.

    Folders that ended processes left behind are removed first. A process that claims a folder twice gets the same one.

    Raises:
        ScratchInUseError: when a running process of the same number, as in another container, holds the folder.
        OSError: when `parent` cannot be written.
    """
    parent = parent.absolute()
    digest = hashlib.sha256(str(Path(warehouse).absolute()).encode()).hexdigest()[:8]
    folder = parent / f"spill-{digest}-{os.getpid()}"
    if folder in _claimed and folder.is_dir():
        return folder
    parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(parent):
        _remove_left_over(parent)
        folder.mkdir(exist_ok=True, mode=0o700)
        owner = (folder / OWNER).open("a+", encoding="utf-8")
        if not _lock(owner):
            owner.seek(0)
            raise ScratchInUseError(
                f"spill folder {folder} is in use by {owner.read().strip() or 'another process'}:"
                " wait for it to end, or give this run a parent of its own with PLUMBLINE_SPILL"
            )
        owner.truncate(0)
        owner.write(f"process {os.getpid()} on {socket.gethostname()}, for {warehouse}\n")
        owner.flush()
        _claimed[folder] = owner
    return folder


def release(folder: Path) -> None:
    """Remove a folder that this process claimed; the parent goes with the last of them."""
    owner = _claimed.pop(folder, None)
    if owner is None:
        return
    shutil.rmtree(folder, ignore_errors=True)
    owner.close()


@atexit.register
def _release_all() -> None:
    for folder in list(_claimed):
        # A forked child has the number of another process, and the folder is its parent's.
        if folder.name.endswith(f"-{os.getpid()}"):
            release(folder)


def _remove_left_over(parent: Path) -> None:
    for owner in parent.glob(f"spill-*/{OWNER}"):
        if owner.parent in _claimed:
            continue
        with owner.open("a+", encoding="utf-8") as handle:
            if _lock(handle):
                shutil.rmtree(owner.parent, ignore_errors=True)


@contextmanager
def _alone(parent: Path) -> Iterator[None]:
    """One process at a time looks for what is left over and claims."""
    with (parent / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
