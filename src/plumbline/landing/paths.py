"""Paths that DuckDB is to take by their letters: it reads [ ], * and ? in a path as a pattern."""

import glob
from pathlib import Path


def pattern(path: Path, *rest: str) -> str:
    """A pattern of the files under `path` that `rest` names, as in `pattern(landing, "_ledger", "*.parquet")`.

    The one place where a path becomes a pattern, as `landing_pattern` in macros/landing/paths.sql is for dbt.
    """
    return "/".join([glob.escape(str(path)), *rest])


def check_landing_path(landing: Path) -> None:
    """Refuse a landing that could be written, but never be listed.

    Raises:
        ValueError: when the path has a backslash, which DuckDB takes for the end of a folder's name.
    """
    if "\\" in str(landing):
        raise ValueError(f"{landing}: DuckDB cannot list a folder whose path has a backslash; choose another landing")
