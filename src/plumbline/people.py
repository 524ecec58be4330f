"""The file of people: it maps ids to person keys and lies beside the warehouse."""

from pathlib import Path

import duckdb

from plumbline.landing.casts import literal


def people_file(warehouse: Path) -> Path:
    """The path of a warehouse's file of people."""
    return Path(f"{warehouse}.people")


def lacks_people(error: duckdb.Error) -> bool:
    """Whether a statement failed because it reads the file of people, which is not attached."""
    return 'Catalog "people" does not exist' in str(error)


def attach_people(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Attach the file of people for reading.

    Raises:
        ValueError: when it is not there, or may not be read.
    """
    try:
        connection.execute(f"attach {literal(str(file))} as people (read_only)")
    except duckdb.IOException:
        raise ValueError(
            f"this query needs the ids behind person keys, and {file} cannot be opened: ask its owner"
        ) from None
