"""The star that every tool's model is made of: tables, columns, relationships and a measure for each metric."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plumbline.governance.metrics import Metric, load_metrics
from plumbline.publishing.relations import is_published, read_manifest, references_of

# Words that are not written as they are said.
ACRONYMS = {"sla": "SLA", "csat": "CSAT", "dsa": "DSA", "iso": "ISO", "id": "ID", "rca": "RCA", "f1": "F1"}
METRICS = "rpt_metric_values"
KINDS = {"varchar": "text", "boolean": "boolean", "smallint": "whole", "integer": "whole", "bigint": "whole",
         "double": "real", "date": "day", "timestamp": "instant"}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column as a reader of a BI tool meets it."""

    name: str
    label: str
    kind: str
    """`text`, `boolean`, `whole`, `exact` (a decimal), `real`, `day` or `instant`."""
    description: str
    is_key: bool
    refers_to: str | None
    """The dimension that has its members; readers take the dimension's own columns."""
    sort_by: str | None


@dataclass(frozen=True)
class Table:
    """A table of what is published."""

    name: str
    label: str
    folder: str
    description: str
    columns: tuple[Column, ...]
    references: tuple[tuple[str, str, str], ...]
    """Column, dimension and the dimension's key; the first to dim_date is the one by which rows are dated."""
    scope: Mapping[str, str]


@dataclass(frozen=True)
class Measure:
    """A metric of rpt_metric_values."""

    name: str
    label: str
    folder: str
    description: str
    unit: str
    metric: Metric


@dataclass(frozen=True)
class Star:
    """Everything that a model has."""

    tables: tuple[Table, ...]
    measures: tuple[Measure, ...]

    def table(self, name: str) -> Table:
        """The table of that name."""
        return next(table for table in self.tables if table.name == name)


def read_star(manifest: Path, project: Path) -> Star:
    """The star of what is published without facts.

    Args:
        manifest: dbt's manifest.json.
        project: The project's folder, for the metrics.

    Raises:
        ValueError: for a column without a type, of a type that tools do not know, or for two things of one name.
    """
    nodes = [node for node in read_manifest(manifest)["nodes"].values() if is_published(node, facts=False)]
    keys = {
        node["config"]["meta"]["key"][0]: node["name"]
        for node in nodes
        if node["name"].startswith("dim_") and len(node["config"]["meta"].get("key", ())) == 1
    }
    order = ("dim", "mart", "rpt")
    tables = [_table(node, keys) for node in nodes]
    tables.sort(key=lambda table: (order.index(table.name.split("_", 1)[0]), table.name))
    measures = tuple(
        Measure(
            metric.name,
            metric.label,
            str(metric.meta["owner"]),
            " ".join(metric.description.split()),
            str(metric.meta["unit"]),
            metric,
        )
        for metric in load_metrics(project / "models")
    )
    _require_unique("tables", [table.label for table in tables])
    _require_unique("measures", [measure.label for measure in measures])
    for table in tables:
        _require_unique(f"columns of {table.name}", [column.label for column in table.columns])
    return Star(tuple(tables), measures)


def humanised(name: str) -> str:
    """`week_starting_on` as `Week starting on`."""
    words = [ACRONYMS.get(word, word) for word in name.split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _table(node: Mapping[str, Any], keys: Mapping[str, str]) -> Table:
    meta = node["config"]["meta"]
    kinds = {name: _kind(node["name"], name, column["data_type"]) for name, column in node["columns"].items()}
    is_dimension = node["name"].startswith("dim_")
    references = () if is_dimension else references_of(kinds, {n for n, kind in kinds.items() if kind == "day"}, keys)
    dimensions = {column: dimension for column, dimension, _ in references}
    columns = tuple(
        Column(
            name=name,
            label=column["config"]["meta"].get("label") or humanised(name),
            kind=kinds[name],
            description=" ".join(column["description"].split()),
            is_key=meta.get("key") == [name],
            refers_to=dimensions.get(name),
            sort_by=column["config"]["meta"].get("sort_by"),
        )
        for name, column in node["columns"].items()
    )
    return Table(
        name=node["name"],
        label=meta.get("label") or humanised(re.sub("^(dim|mart|rpt)_", "", node["name"])),
        folder=humanised(Path(node["path"]).parent.name),
        description=" ".join(node["description"].split()),
        columns=columns,
        references=references,
        scope=meta.get("scope", {}),
    )


def _kind(table: str, column: str, data_type: str | None) -> str:
    kind = (data_type or "").lower()
    if kind.startswith("decimal"):
        return "exact"
    if kind not in KINDS:
        raise ValueError(f"{table}.{column} is of type {data_type}, which no BI tool is told: cast it in the model")
    return KINDS[kind]


def _require_unique(what: str, labels: list[str]) -> None:
    twice = sorted({label for label in labels if [each.lower() for each in labels].count(label.lower()) > 1})
    if twice:
        raise ValueError(f"two {what} are called {', '.join(twice)}: give one a config.meta.label")
