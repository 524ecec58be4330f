"""Reads Parquet footers: top-level columns, number of rows, and whether the rows are of the sample."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from plumbline.landing.paths import pattern

# Columns that staging reads in addition to those of the contract.
TECHNICAL = ("_file", "_line", "_landed_at", "_source_system")
# Names of columns that staging adds while it reads a file.
RESERVED = ("_landed_from",)
AT_ONCE = 2_000


@dataclass(frozen=True)
class Shape:
    """The shape of a file. `columns` has each type by the lower-case name; `nested …` and `twice` stand for no type."""

    columns: Mapping[str, str]
    row_count: int
    of_sample: frozenset[bool]
    """{True} if all rows are of the sample, {False} if none is, both if mixed, empty without rows."""

    def as_json(self) -> str:
        return json.dumps(dict(self.columns), sort_keys=True)


def read_shapes(
    connection: duckdb.DuckDBPyConnection, root: Path, files: Sequence[str], default_source_system: str
) -> dict[str, Shape | str]:
    """The shape of each file, or the reason why it cannot be read."""
    shapes: dict[str, Shape | str] = {}
    for start in range(0, len(files), AT_ONCE):
        some = files[start : start + AT_ONCE]
        try:
            shapes |= _footers(connection, root, some, default_source_system)
        except (duckdb.IOException, duckdb.InvalidInputException):
            # One unreadable file fails the query for all: read them one by one, to name each.
            for file in some:
                try:
                    shapes |= _footers(connection, root, [file], default_source_system)
                except (duckdb.IOException, duckdb.InvalidInputException) as error:
                    shapes[file] = " ".join(str(error).splitlines()[0].split())
    return shapes


def _footers(
    connection: duckdb.DuckDBPyConnection, root: Path, files: Sequence[str], default_source_system: str
) -> dict[str, Shape | str]:
    by_path = {str(root / file): file for file in files}
    rows = connection.execute(
        """
        select
            parquet_file_metadata[1].file_name,
            parquet_file_metadata[1].num_rows,
            to_json([[x.name, x.duckdb_type, cast(coalesce(x.num_children, 0) as varchar)] for x in parquet_schema]),
            [[x.stats_min_value, x.stats_max_value] for x in parquet_metadata
                if lower(x.path_in_schema) = '_source_system']
        from parquet_full_metadata(?)
        """,
        [[pattern(Path(path)) for path in by_path]],
    ).fetchall()
    kinds: dict[str, Mapping[str, str]] = {}
    shapes: dict[str, Shape | str] = {}
    for path, row_count, schema, systems in rows:
        if schema not in kinds:
            kinds[schema] = _top_level(json.loads(schema))
        columns = kinds[schema]
        of_sample = frozenset({default_source_system == "sample"})
        if "_source_system" in columns:
            of_sample = _of_sample(connection, path, systems)
        shapes[by_path[path]] = Shape(columns, row_count, of_sample if row_count else frozenset())
    return shapes


def _top_level(schema: Sequence[tuple[str, str | None, str]]) -> dict[str, str]:
    """Types of the top-level columns by lower-case name; fields of lists, structs and maps are not columns."""
    columns: dict[str, str] = {}
    # Children follow their parent; the first row is the whole, whose children are the columns.
    below, column = 0, ""
    for name, kind, children in schema[1:]:
        if below:
            # Files whose lists differ cannot be read in one go, so that what lies below tells them apart.
            columns[column] += f" {name} {kind} {children}"
            below += int(children) - 1
            continue
        below, column = int(children), name.lower()
        columns[column] = "twice" if column in columns else "nested" if below else str(kind)
    return columns


def _of_sample(
    connection: duckdb.DuckDBPyConnection, path: str, systems: Sequence[Sequence[str | None]]
) -> frozenset[bool]:
    """Whether rows have _source_system = sample: from the statistics of the footer, else from the rows."""
    told = {value for pair in systems for value in pair}
    if len(told) == 1 and None not in told:
        return frozenset({told == {"sample"}})
    found = connection.execute(
        "select distinct coalesce(cast(_source_system as varchar), '') = 'sample' from read_parquet(?)",
        [pattern(Path(path))],
    ).fetchall()
    return frozenset(is_sample for (is_sample,) in found)


def shape_problems(table: str, contract: Sequence[str], shapes: Mapping[str, Shape]) -> tuple[list[str], list[str]]:
    """Problems and warnings about the columns of a table's files; `contract` has the table's column names."""
    problems: list[str] = []
    unknown: dict[str, int] = {}
    known = {*contract, *TECHNICAL}
    by_letters = {_letters(name): name for name in contract}
    for file, shape in shapes.items():
        for name, kind in shape.columns.items():
            if kind.startswith("twice"):
                problems.append(f"{file}: two columns are called {name}, but for capitals; rename one")
            elif name in RESERVED:
                problems.append(f"{file}: a column is called {name}, a name that staging gives; rename it")
            elif name not in known:
                unknown[name] = unknown.get(name, 0) + 1
                meant = by_letters.get(_letters(name))
                if meant and meant not in shape.columns:
                    problems.append(f"{file}: column {name!r} is not read; the contract calls it {meant}: rename it")
    warnings = []
    if unknown:
        listed = ", ".join(f"{name} ({files:,} files)" for name, files in sorted(unknown.items())[:10])
        more = f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""
        warnings.append(f"{table}: columns that are not in the contract and are not read: {listed}{more}")
    return problems, warnings


def _letters(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
