"""What Python models ask of relations."""

from duckdb import DuckDBPyRelation


def among(column: str, relation: DuckDBPyRelation) -> str:
    """A condition: `column` is one of its values in `relation`, as constants.

    A view that is made of one part per value reads only the parts that are asked for; after a join it reads all.

    Args:
        column: Name of a text column that both have.
        relation: Few rows with the values.

    Returns:
        SQL, for `DuckDBPyRelation.filter`.

    Raises:
        duckdb.Error: when the relation has no such column.
    """
    values = sorted(value.replace("'", "''") for (value,) in relation.project(column).distinct().fetchall() if value)
    return f"{column} in ('" + "', '".join(values) + "')" if values else "false"
