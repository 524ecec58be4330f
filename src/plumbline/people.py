"""The file of people: which id has which person key, beside the warehouse and not in it."""

from pathlib import Path

import duckdb


def people_file(warehouse: Path) -> Path:
    """Where the map of a warehouse lies."""
    return Path(f"{warehouse}.people")


def sql_with_people(connection: duckdb.DuckDBPyConnection, warehouse: Path, sql: str) -> duckdb.DuckDBPyRelation | None:
    """The answer to `sql`. The file of people is attached only where the statement reads what is in it.

    Raises:
        ValueError: where the statement reads the file, and it is not there or may not be read.
        duckdb.Error: where the statement is wrong.
    """
    try:
        return connection.sql(sql)
    except duckdb.BinderException as error:
        if 'Catalog "people" does not exist' not in str(error):
            raise
    file = people_file(warehouse)
    try:
        connection.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as people (read_only)")
    except duckdb.IOException:
        raise ValueError(
            f"this reads who is behind person keys, which is in {file}, and that cannot be opened: ask who keeps it"
        ) from None
    return connection.sql(sql)
