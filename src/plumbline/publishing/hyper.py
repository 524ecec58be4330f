"""Publishes to a Hyper extract for Tableau, through Parquet, which Hyper reads itself."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from plumbline.landing.casts import literal
from plumbline.landing.read import quoted
from plumbline.publishing.files import require_published
from plumbline.publishing.relations import Relation
from plumbline.writing import new_file

SCHEMA = "Extract"
# No log files where the command is run; numbers of more than 18 digits, which Tableau 2022.4 and later read.
PARAMETERS = {"log_config": "", "default_database_version": "3"}


def publish_hyper(
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[Relation],
    file: Path,
    *,
    record: dict[str, str],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Write the relations as tables of an extract, which then takes the place of `file`.

    Args:
        connection: Of `reading`.
        relations: What is published.
        file: Where.
        record: What is said of the publish, by name, in its table `published`.
        progress: Called after each table with the number of tables done and their total.

    Returns:
        Rows written.

    Raises:
        ValueError: where Tableau's Hyper API is not installed, `file` has another ending, or is there and no publish:
            nothing else is replaced.
    """
    try:
        from tableauhyperapi import Connection, CreateMode, HyperException, HyperProcess, TableName, Telemetry
    except ImportError:
        raise ValueError("Hyper needs Tableau's Hyper API: pip install 'plumbline[hyper]'") from None

    def is_published(extract: Path) -> bool:
        # Asking a file of another format is an error of Hyper's.
        try:
            with Connection(server.endpoint, str(extract)) as former:
                return bool(former.catalog.has_table(TableName(SCHEMA, "published")))
        except HyperException:
            return False

    if file.suffix != ".hyper":
        raise ValueError(f"{file}: an extract ends with .hyper")
    rows = 0
    file.parent.mkdir(parents=True, exist_ok=True)
    # Hyper writes to no file that is open already, which is what a file that appears whole begins as.
    with (
        tempfile.TemporaryDirectory(prefix="plumbline-hyper-") as scratch,
        HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters=PARAMETERS) as server,
    ):
        require_published(file, is_published)
        made = Path(scratch) / file.name
        with Connection(server.endpoint, str(made), CreateMode.CREATE) as extract:
            extract.catalog.create_schema(SCHEMA)
            for number, relation in enumerate(relations):
                rows += _as_table(connection, relation, Path(scratch), extract.execute_command)
                progress(number + 1, len(relations))
            said = ", ".join(f"{literal(value)} as {quoted(name)}" for name, value in record.items())
            extract.execute_command(f'create table "{SCHEMA}".published as (select {said})')
        with new_file(file) as whole:
            shutil.copyfile(made, whole)
    return rows


def _as_table(
    connection: duckdb.DuckDBPyConnection, relation: Relation, scratch: Path, execute: Callable[[str], int | None]
) -> int:
    names = ", ".join(quoted(column.name) for column in relation.columns)
    parquet = scratch / f"{relation.name}.parquet"
    written = connection.execute(
        f"copy (select {names} from {relation.source}) to {literal(str(parquet))} (format parquet)"
    ).fetchone()
    execute(
        f'create table "{SCHEMA}".{quoted(relation.name)} as'
        f" (select * from external({literal(str(parquet))}, format => 'parquet'))"
    )
    parquet.unlink()
    return int(written[0]) if written else 0
