"""The ledger of `plumbline land`: one Parquet file with a line for each call, source file and table.

A call moves its Parquet files into place and then replaces the ledger; with that rename the call counts. Before it
moves anything, it writes a list of the moves, so that the next call or build can undo those of a killed call.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from plumbline.landing.casts import literal
from plumbline.landing.paths import pattern
from plumbline.writing import flush, write_text

COLUMNS = {
    "call_id": "varchar",
    "source_file": "varchar",
    "source_size": "bigint",
    "source_sha256": "varchar",
    "mapping": "varchar",
    "mapping_digest": "varchar",
    "source_table": "varchar",
    "landed_file": "varchar",
    "landed_size": "bigint",
    "landed_sha256": "varchar",
    "rejected_file": "varchar",
    "rejected_size": "bigint",
    "rejected_sha256": "varchar",
    "rows_read": "bigint",
    "branches": "bigint",
    "landed": "bigint",
    "rejected": "bigint",
    "filtered": "bigint",
    "landed_on": "date",
    "landed_at": "timestamp",
    # How the file differs from the first form that its mapping knows: headers, and key words; null where it does not.
    "form": "varchar",
}
FOLDER, MANIFEST = "_ledger", "moves.json"


class LedgerError(ValueError):
    """The ledger cannot be read; the message names the damaged file and the copy that is intact."""


@dataclass(frozen=True)
class Files:
    """The files of a landing's ledger."""

    landing: Path

    @property
    def folder(self) -> Path:
        return self.landing / FOLDER

    @property
    def current(self) -> Path:
        return self.folder / "calls" / "ledger.parquet"

    @property
    def last_good(self) -> Path:
        """A copy of the same lines, in case the first file is damaged."""
        return self.folder / "ledger.last_good.parquet"

    def by_call(self) -> list[Path]:
        """Ledgers of single calls, as earlier versions wrote them; the next call merges them."""
        return sorted(self.folder.glob("landed_on=*/*.parquet"))

    def staged(self) -> Iterator[Path]:
        """Staging folders of calls that are running or were killed."""
        return self.folder.glob(".staging-*")


def attach(landing: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary table `ledger` with all lines; it is empty if nothing has landed.

    Raises:
        LedgerError: when a file of the ledger is damaged or gone.
    """
    files = Files(landing)
    declared = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"create or replace temp table ledger ({declared})")
    if not files.current.exists() and files.last_good.exists():
        raise LedgerError(f"{files.current} is gone: {_remedy(files, connection)}")
    for source in [*([files.current] if files.current.exists() else []), *files.by_call()]:
        try:
            connection.execute("insert into ledger by name from read_parquet(?)", [pattern(source)])
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            remedy = _remedy(files, connection) if source == files.current else "restore it from a backup"
            raise LedgerError(f"{source} cannot be read ({reason}): {remedy}") from None


def read(landing: Path, connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """All lines, ordered by call.

    Raises:
        LedgerError: when a file of the ledger is damaged or gone.
    """
    attach(landing, connection)
    rows = connection.execute("from ledger order by landed_at, call_id").fetchall()
    return [dict(zip(COLUMNS, row, strict=True)) for row in rows]


def _remedy(files: Files, connection: duckdb.DuckDBPyConnection) -> str:
    try:
        counted = connection.execute(
            "select count(*), max(landed_at) from read_parquet(?)", [pattern(files.last_good)]
        ).fetchone()
    except duckdb.Error:
        return "restore it from a backup; its copy cannot be read either"
    rows, last = counted or (0, None)
    return f"its copy is whole ({rows:,} lines, the last of {last}): cp {files.last_good} {files.current}"


def add(landing: Path, connection: duckdb.DuckDBPyConnection, lines: Sequence[Mapping[str, Any]], work: Path) -> None:
    """Add `lines` to the attached ledger and replace its file atomically.

    `work` is a folder of this call on the same disk.
    """
    files = Files(landing)
    places = ", ".join("?" for _ in COLUMNS)
    connection.executemany(
        f"insert into ledger values ({places})", [[line[name] for name in COLUMNS] for line in lines]
    )
    staged, copy = work / files.current.name, work / files.last_good.name
    connection.execute(f"copy ledger to {literal(str(staged))} (format parquet, compression zstd)")
    shutil.copy(staged, copy)
    former = files.by_call()
    files.current.parent.mkdir(parents=True, exist_ok=True)
    for made, place in ((staged, files.current), (copy, files.last_good)):
        flush(made)
        made.replace(place)
    for file in former:
        file.unlink()
        if not any(file.parent.iterdir()):
            file.parent.rmdir()


@contextmanager
def committing(landing: Path) -> Iterator[None]:
    """Lock the landing while files and ledger may disagree: for a commit, or for a build that compares them."""
    folder = Files(landing).folder
    if not folder.is_dir():
        yield
        return
    # The lock is on the folder itself, so that a read-only landing can be locked, too.
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def take_back(landing: Path, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Remove files that killed calls moved but did not enter in the attached ledger; only under `committing`."""
    removed = []
    for folder in Files(landing).staged():
        manifest = folder / MANIFEST
        if not manifest.exists():
            continue
        places = connection.execute(
            "select place from (select unnest(cast(? as varchar[])) as place)"
            " where not exists (select 1 from ledger where place in (landed_file, rejected_file)) order by 1",
            [json.loads(manifest.read_text(encoding="utf-8"))],
        ).fetchall()
        for (place,) in places:
            if (landing / place).exists():
                (landing / place).unlink()
                removed.append(place)
        shutil.rmtree(folder)
    return removed


def commit(
    landing: Path,
    connection: duckdb.DuckDBPyConnection,
    lines: Sequence[Mapping[str, Any]],
    moves: Sequence[tuple[Path, Path]],
    staging: Path,
) -> None:
    """Move the Parquet of a call into place, then replace the ledger: with that rename the call counts."""
    with committing(landing):
        attach(landing, connection)
        take_back(landing, connection)
        write_text(staging / MANIFEST, json.dumps([str(final.relative_to(landing)) for _, final in moves]))
        for staged, final in moves:
            final.parent.mkdir(parents=True, exist_ok=True)
            flush(staged)
            staged.replace(final)
        add(landing, connection, lines, staging)
        # Nothing is left to take back.
        (staging / MANIFEST).unlink()


def sha256(file: Path) -> str:
    """The digest of a file's bytes, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
