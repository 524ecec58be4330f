"""Files and folders that appear whole or not at all: written beside their place, flushed to disk, then renamed.

What a killed writer left is a sibling `.NAME.partial-…`, which no reader takes for anything. The next writer of the
same name removes it; a lock, which ends with its holder, tells it from what another process is writing just now.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path


def write_text(file: Path, text: str) -> None:
    """Write or replace `file`."""
    with new_file(file) as partial:
        partial.write_text(text, encoding="utf-8")


@contextmanager
def new_file(file: Path) -> Iterator[Path]:
    """A path to write to, of the same ending; without an error it becomes `file` afterwards, and replaces what was."""
    file = file.resolve()
    with _partial(file, is_folder=False) as partial:
        yield partial
        flush(partial)
        partial.replace(file)
    flush(file.parent)


@contextmanager
def new_folder(folder: Path, *, replaces: bool = False) -> Iterator[Path]:
    """A folder to write into; without an error it becomes `folder` afterwards, in place of none or of an empty one, or
    with `replaces` of whatever is there.

    Raises:
        ValueError: when `folder` is a mount point, which nothing can be renamed to.
        OSError: when it holds anything by then, and is not to be replaced.
    """
    folder = folder.resolve()
    if folder.is_mount():
        raise ValueError(f"{folder} is a mount point, and cannot appear whole: give a folder inside it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _partial(folder, is_folder=True) as partial:
        yield partial
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(flush, [partial, *partial.rglob("*")]))
        former = _sibling(folder) if replaces and folder.exists() else None
        # A kill between these two leaves no folder, which is not a part of one.
        if former:
            folder.replace(former)
        partial.replace(folder)
        if former:
            _remove(former)
    flush(folder.parent)


def clean(place: Path) -> None:
    """Remove what killed writers of `place` left; what another process is writing stays."""
    place = place.resolve()
    for partial in place.parent.glob(".*.partial-*") if place.parent.is_dir() else ():
        if partial.name.startswith(f".{place.name}.partial-"):
            with _held(partial) as is_free:
                if is_free:
                    _remove(partial)


def flush(path: Path) -> None:
    """Have the disk hold what was written to a file, or renamed in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sibling(place: Path) -> Path:
    return place.with_name(f".{place.name}.partial-{secrets.token_hex(8)}{place.suffix}")


@contextmanager
def _partial(place: Path, *, is_folder: bool) -> Iterator[Path]:
    """A new sibling of `place`, locked as long as it is written; what is left of it after an error goes."""
    clean(place)
    while True:
        partial = _sibling(place)
        if is_folder:
            partial.mkdir()
        else:
            partial.touch(exist_ok=False)
        with _held(partial) as is_free:
            # Between its making and its lock another writer may have taken it for a remnant.
            if not is_free or not partial.exists():
                continue
            try:
                yield partial
            except BaseException:
                _remove(partial)
                raise
            return


@contextmanager
def _held(path: Path) -> Iterator[bool]:
    """Lock `path` as long as the block runs; whether that was possible."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
