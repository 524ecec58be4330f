"""Semantic models as models/semantic defines them: where measures stand, by which day, and their slices."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

AREAS = ("efficiency", "workforce", "quality", "appeals", "exposure", "support")
REBUILT = "rebuilt"


@dataclass(frozen=True)
class Entity:
    """A member of a slice type: its name, and the expression that has it."""

    name: str
    expression: str


@dataclass(frozen=True)
class SummedMeasure:
    """A measure that adds up."""

    name: str
    aggregation: str
    expression: str


@dataclass(frozen=True)
class SemanticModel:
    """A roll-up, its measures, and what they can be sliced by."""

    name: str
    description: str
    model: str
    group: str
    """The area whose days it is rebuilt by, or `rebuilt` for one that every run rebuilds."""
    people: str | None
    """The column with the set of people whose work is summed."""
    day: str
    entities: tuple[Entity, ...]
    measures: tuple[SummedMeasure, ...]
    """Those that add up; percentiles are read from histograms."""
    others: tuple[str, ...]
    """Names of the measures that do not."""

    @property
    def people_column(self) -> str | None:
        """What the set of people is called in the slices."""
        return f"{self.name}_people_bits" if self.people else None


def load_semantic_models(models: Path) -> list[SemanticModel]:
    """Every semantic model of the project's folder `models`, by name.

    Raises:
        ValueError: for one that names no area, and not that every run rebuilds it.
    """
    found = []
    for file in sorted((models / "semantic").glob("*.yml")):
        for node in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("semantic_models", []):
            found.append(_semantic_model(node))
    return sorted(found, key=lambda model: model.name)


def _semantic_model(node: dict[str, Any]) -> SemanticModel:
    meta = node.get("config", {}).get("meta", {})
    group = REBUILT if meta.get("rebuilt") else meta.get("area")
    if group not in (*AREAS, REBUILT):
        raise ValueError(
            f"semantic model {node['name']}: config.meta.area is {group!r}, and should be one of {', '.join(AREAS)};"
            " or say rebuilt: true, if its roll-up is a small table that every run rebuilds"
        )
    days = {dimension["name"]: dimension.get("expr", dimension["name"]) for dimension in node["dimensions"]}
    return SemanticModel(
        name=node["name"],
        description=" ".join(node["description"].split()),
        model=node["model"].removeprefix("ref('").removesuffix("')"),
        group=group,
        people=meta.get("people"),
        day=days[node["defaults"]["agg_time_dimension"]],
        entities=tuple(_entities(node["entities"])),
        measures=tuple(
            SummedMeasure(measure["name"], measure["agg"], str(measure.get("expr", measure["name"])))
            for measure in node["measures"]
            if measure["agg"] in ("sum", "count")
        ),
        others=tuple(measure["name"] for measure in node["measures"] if measure["agg"] not in ("sum", "count")),
    )


def _entities(nodes: Iterable[dict[str, Any]]) -> Iterable[Entity]:
    for node in nodes:
        if node["type"] == "foreign":
            yield Entity(node["name"], node.get("expr", node["name"]))
