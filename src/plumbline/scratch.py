"""Spill folders: one for each warehouse and process.

DuckDB gives its temporary files the same names in every process. Two processes that spill into one folder overwrite
each other's files: queries fail, and some give wrong sums without an error.
"""

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
# The folders of this process: what locks each, and how many connections spill into it.
_claimed: dict[Path, tuple[IO[str], int]] = {}


class ScratchInUseError(ValueError):
    """Another process spills into the folder; the message says which."""


def claim(parent: Path, warehouse: str) -> Path:
    """Make the spill folder of `warehouse` and this process under `parent`, until it is released as often.

    Folders that ended processes left behind are removed first. A process that claims a folder twice gets the same one,
    since DuckDB opens a database in one process with one configuration only.

    Raises:
        ScratchInUseError: when a running process of the same number, as in another container, holds the folder.
        OSError: when `parent` cannot be written.
    """
    parent = parent.absolute()
    digest = hashlib.sha256(str(Path(warehouse).absolute()).encode()).hexdigest()[:8]
    folder = parent / f"spill-{digest}-{os.getpid()}"
    if folder in _claimed and folder.is_dir():
        owner, claims = _claimed[folder]
        _claimed[folder] = (owner, claims + 1)
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
        _claimed[folder] = (owner, 1)
    return folder


def release(folder: Path) -> None:
    """Give back a claim; the last one removes the folder. A forked child gives back nothing: it claimed nothing."""
    if folder not in _claimed or not folder.name.endswith(f"-{os.getpid()}"):
        return
    owner, claims = _claimed.pop(folder)
    if claims > 1:
        _claimed[folder] = (owner, claims - 1)
        return
    shutil.rmtree(folder, ignore_errors=True)
    owner.close()


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
