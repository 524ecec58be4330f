"""Opens the DuckDB file of a warehouse, and copies it for those who read while others build."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from plumbline.writing import new_file

IN_USE = re.compile(r"Conflicting lock is held in (.+?) \(PID (\d+)\)(?: by user ([^.\s]+))?")


class WarehouseError(ValueError):
    """A warehouse that cannot be opened; the message says in one line why, or who has it."""


def open_warehouse(
    warehouse: Path, config: Mapping[str, Any] | None = None, *, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """Connect to a warehouse.

    Raises:
        WarehouseError: when another process has it, or it is absent (`read_only`) or no DuckDB file.
    """
    if read_only and not warehouse.exists():
        raise WarehouseError(f"no warehouse at {warehouse}; make one with: dbt build")
    try:
        return duckdb.connect(str(warehouse), read_only=read_only, config=dict(config or {}))
    except (duckdb.IOException, duckdb.SerializationException) as error:
        match = IN_USE.search(str(error))
        if match is None:
            raise WarehouseError(f"{warehouse}: {' '.join(str(error).splitlines()[0].split())}") from None
        program, process, user = match.groups()
        raise WarehouseError(
            f"{warehouse} is in use by process {process}{f' of {user}' if user else ''} ({program}): wait until it is"
            " done, or end it, then try again; to read while others build, read a copy (plumbline copy)"
        ) from None


def copy_warehouse(warehouse: Path, target: Path) -> int:
    """Put a copy of `warehouse` at `target`, whole or not at all; return its size in bytes.

    Who has an earlier copy open keeps reading that one. Views name the catalog, which DuckDB calls by the file: so the
    copy lies in another folder under the same name.

    Raises:
        WarehouseError: when another process has the warehouse, or `target` has another name.
    """
    if target.stem != warehouse.stem or target.absolute() == warehouse.absolute():
        raise WarehouseError(
            f"{target}: a copy has the name of its warehouse, {warehouse.name}, in another folder; its views name it"
        )
    if warehouse.with_name(f"{warehouse.name}.wal").exists():
        # A build that was killed left changes beside the file: opening it brings them in.
        open_warehouse(warehouse).close()
    target.parent.mkdir(parents=True, exist_ok=True)
    with open_warehouse(warehouse, read_only=True), new_file(target) as made:
        shutil.copyfile(warehouse, made)
    return target.stat().st_size
