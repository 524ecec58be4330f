"""What is published: public marts and reports by dbt's manifest, with types, keys and descriptions."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from plumbline.landing.casts import literal
from plumbline.landing.read import quoted

# Other types have no exact equivalent: through ADBC the largest unsigned integer arrives as -1, without an error.
TYPES = {
    "VARCHAR": "text", "BOOLEAN": "boolean", "SMALLINT": "smallint", "INTEGER": "integer", "BIGINT": "bigint",
    "DOUBLE": "double precision", "DATE": "date", "TIMESTAMP": "timestamp",
}  # fmt: skip
# In this order, so that what is referred to comes first.
PREFIXES = ("dim_", "mart_", "rpt_", "fct_")
# Of `meta.scope`: all rows are for every role of the kind.
EVERYONE = "everyone"
DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


@dataclass(frozen=True)
class Column:
    """A column of what is published; `kind` is its type in PostgreSQL."""

    name: str
    kind: str
    description: str


@dataclass(frozen=True)
class Relation:
    """A mart, dimension, fact or report; `source` is where it lies in the warehouse."""

    name: str
    source: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    references: tuple[tuple[str, str, str], ...] = ()
    """Of each foreign key the column, the dimension, and its key."""
    indexes: tuple[tuple[str, ...], ...] = ()
    """Columns of each further index that readers need."""
    scope: Mapping[str, str] = field(default_factory=dict)
    """Of roles that do not see all, by kind (`vendor`, `market`): the column that has the member, `scope` where
    `scope_type` says of which kind it is, or EVERYONE. Of a kind that is not there, no row is shown."""


def published_relations(
    manifest: Path, warehouse: duckdb.DuckDBPyConnection, *, facts: bool = False
) -> tuple[Relation, ...]:
    """Public dimensions, marts and reports, dimensions first; with `facts` facts as well.

    Args:
        manifest: dbt's manifest.json of the project that built the warehouse.
        warehouse: The warehouse, open.
        facts: Whether what is one row an event is published, too.

    Raises:
        ValueError: where there is no manifest, where it names a relation or a column that the warehouse has not, and
            for a type that would not arrive as it is.
    """
    nodes = read_manifest(manifest)["nodes"].values()
    wanted = [node for node in nodes if is_published(node, facts=facts)]
    keys = {
        node["config"]["meta"]["key"][0]: node["name"]
        for node in wanted
        if node["name"].startswith("dim_") and len(node["config"]["meta"].get("key", ())) == 1
    }
    order = sorted(wanted, key=lambda node: (PREFIXES.index(f"{node['name'].split('_', 1)[0]}_"), node["name"]))
    return tuple(_relation(node, warehouse, keys) for node in order)


def is_published(node: Mapping[str, Any], *, facts: bool) -> bool:
    """Whether a node of dbt's manifest is published: public, and a dimension, mart, report or, with `facts`, a fact."""
    prefixes = PREFIXES if facts else PREFIXES[:-1]
    is_public = node["resource_type"] == "model" and node["access"] == "public"
    return is_public and str(node["name"]).startswith(prefixes)


def of_scope(relations: Sequence[Relation], kind: str, member: str) -> tuple[Relation, ...]:
    """The relations that have rows for roles of one vendor or market, each with these rows alone.

    Args:
        relations: What is published.
        kind: `vendor` or `market`.
        member: Which one.
    """
    return tuple(
        replace(relation, source=f"(select * from {relation.source} where {_of_member(relation, kind, member)})")
        for relation in relations
        if kind in relation.scope
    )


def _of_member(relation: Relation, kind: str, member: str) -> str:
    column = relation.scope[kind]
    if column == EVERYONE:
        return "true"
    condition = f"{quoted(column)} = {literal(member)}"
    if column == "scope":
        return f"scope_type = {literal(kind)} and {condition}"
    # A member of a dimension that is nobody's own, such as a site of several vendors.
    return f"({condition} or {quoted(column)} is null)" if relation.name.startswith("dim_") else condition


def published_members(
    relations: Sequence[Relation], warehouse: duckdb.DuckDBPyConnection
) -> dict[str, tuple[str, ...]]:
    """The vendors and the markets that there are, by kind."""
    dimensions = {"dim_vendor": ("vendor", "vendor_id"), "dim_market": ("market", "market")}
    found = {}
    for relation in relations:
        if relation.name in dimensions:
            kind, column = dimensions[relation.name]
            rows = warehouse.execute(f"select {column} from {relation.source} order by 1").fetchall()
            found[kind] = tuple(str(row[0]) for row in rows)
    return found


def read_manifest(manifest: Path) -> dict[str, Any]:
    """dbt's manifest; ValueError where there is none."""
    if not manifest.is_file():
        raise ValueError(f"no manifest at {manifest}: run dbt build, or name it with --manifest")
    return dict(json.loads(manifest.read_text(encoding="utf-8")))


def _relation(node: Mapping[str, Any], warehouse: duckdb.DuckDBPyConnection, keys: Mapping[str, str]) -> Relation:
    source = f"{quoted(node['schema'])}.{quoted(node['alias'])}"
    try:
        there = warehouse.execute(f"describe {source}").fetchall()
    except duckdb.CatalogException:
        raise ValueError(f"{node['name']} is not in the warehouse: run dbt build") from None
    described = {name: column["description"] for name, column in node["columns"].items()}
    if lacking := sorted(described.keys() - {name for name, *_ in there}):
        raise ValueError(f"{node['name']} has no {', '.join(lacking)} in the warehouse: run dbt build")
    columns = tuple(
        Column(name, postgres_type(kind, f"{node['name']}.{name}"), " ".join(described.get(name, "").split()))
        for name, kind, *_ in there
    )
    days = {column.name for column in columns if column.kind == "date"}
    former = former_names(node)
    if former:
        also = ", ".join(f"{quoted(new)} as {quoted(old)}" for old, new in former.items())
        source = f"(select *, {also} from {source})"
        by_name = {column.name: column for column in columns}
        columns += tuple(
            replace(by_name[new], name=old, description=f"Former name of {new}; it goes with the next release.")
            for old, new in former.items()
        )
    return Relation(
        name=node["name"],
        source=source,
        description=" ".join(node["description"].split()),
        columns=columns,
        key=tuple(node["config"]["meta"].get("key", ())),
        references=_references(node, [column.name for column in columns], days, keys),
        indexes=tuple(tuple(index) for index in node["config"]["meta"].get("indexes", ())),
        scope=_scope(node, {column.name for column in columns}),
    )


def former_names(node: Mapping[str, Any]) -> dict[str, str]:
    """What the columns of a node of dbt's manifest were called in the last release, and are called now."""
    said = {
        (column["config"]["meta"] or {}).get("former_name"): name
        for name, column in node["columns"].items()
        if "former_name" in (column["config"]["meta"] or {})
    }
    if both := sorted(said.keys() & node["columns"].keys()):
        raise ValueError(f"{node['name']}: {', '.join(both)} is a former name and a column")
    return {str(old): new for old, new in said.items()}


def _scope(node: Mapping[str, Any], columns: set[str]) -> dict[str, str]:
    scope = dict(node["config"]["meta"].get("scope", {}))
    for kind, column in scope.items():
        needed = {"scope", "scope_type"} if column == "scope" else {column}
        if kind not in ("vendor", "market") or (column != EVERYONE and not needed <= columns):
            raise ValueError(f"{node['name']}: meta.scope says {kind}: {column}, which is no column of it")
    return scope


def _references(
    node: Mapping[str, Any], columns: Sequence[str], days: Collection[str], keys: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """Of a dimension neither its own key nor the days of its validity, which go on for ever."""
    if node["name"].startswith("dim_"):
        own = node["config"]["meta"].get("key", ())
        return references_of([name for name in columns if name not in own and name not in days], (), keys)
    return references_of(columns, days, keys)


def references_of(
    columns: Iterable[str], days: Collection[str], keys: Mapping[str, str]
) -> tuple[tuple[str, str, str], ...]:
    """Column, dimension and its key, for each column that names members of a dimension; a date is one of the days.

    Args:
        columns: The names of all columns.
        days: Those that are dates.
        keys: The dimension that has each key.
    """
    found = []
    for column in columns:
        key = "calendar_on" if column in days else column
        if key in keys:
            found.append((column, keys[key], key))
    return tuple(found)


def postgres_type(kind: str, column: str) -> str:
    """The type in PostgreSQL for one of DuckDB; ValueError, naming the `column`, for one that has no equal there."""
    if match := DECIMAL.fullmatch(kind):
        return f"numeric({match[1]},{match[2]})"
    if kind not in TYPES:
        raise ValueError(
            f"{column} is of type {kind}, which does not arrive as it is: cast it in the model to one of"
            f" {', '.join(sorted(TYPES))}, DECIMAL"
        )
    return TYPES[kind]
