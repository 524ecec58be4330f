"""Metric definitions as models/semantic and marts say them: whole, and listed for readers."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

# What a definition must say, beside its measures.
META = (
    "numerator", "denominator", "exclusions", "unit", "direction", "owner", "tier", "status", "version",
    "interval_method", "date_role", "computed_by", "minimum", "allowed_slices",
)  # fmt: skip
# What may change without a new version: how a metric is kept, and when it is known or published, not what it says.
# Slices have a line of the lock of their own.
FREE = ("owner", "tier", "status", "version", "settles_after", "minimum_n", "allowed_slices")
CHOICES = {
    "direction": ("up", "down", "none"),
    "status": ("active", "deprecated"),
    "computed_by": ("sql", "histogram", "metrics", "python"),
    "minimum": ("audits", "people", "workers", "none"),
}
# What `minimum_n` may say: what is counted, another number than the variable of that name, or why there is none.
MINIMUM_N = ("counts", "at_least", "exempt")
# Ends of the names of measures that are no counts of cases.
AMOUNTS = ("_seconds", "_minutes", "_hours", "_weight", "cost")


@dataclass(frozen=True)
class Measure:
    """A column that a semantic model adds up, and where it stands."""

    name: str
    aggregation: str
    expression: str
    model: str
    day: str
    slices: tuple[str, ...]


@dataclass(frozen=True)
class Metric:
    """A metric with its measures, or where it is no sum over a sum, with what it is made of."""

    name: str
    label: str
    description: str
    meta: dict[str, Any]
    numerator: Measure | None = None
    denominator: Measure | None = None
    """None for counts and percentiles."""
    others: tuple[Measure, ...] = ()
    """Measures that an interval or a condition needs."""
    made_of: tuple[str, ...] = ()
    """The metric above and the metric below, or the mart that has what Python computes."""
    parts: tuple["Metric", ...] = ()
    """Those metrics themselves."""

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All that it reads."""
        return tuple(measure for measure in (self.numerator, self.denominator, *self.others) if measure)

    @property
    def version(self) -> int:
        return int(self.meta["version"])

    @property
    def has_minimum_n(self) -> bool:
        """Whether it is a ratio, percentile or coefficient, without a minimum of audits."""
        is_share = self.denominator is not None or self.meta["computed_by"] in ("histogram", "python")
        return is_share and self.meta["minimum"] != "audits"

    def digest(self) -> str:
        """A hash of what the definition says, apart from slices; of SQL and Python beneath it knows nothing."""
        said = {key: value for key, value in self.meta.items() if key not in FREE}
        parts: list[Any] = [
            measure and [measure.name, measure.aggregation, measure.expression, measure.model, measure.day]
            for measure in (self.numerator, self.denominator, *self.others)
        ]
        parts += self.made_of
        parts += [part.digest() for part in self.parts]
        text = json.dumps([self.name, said, parts], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def load_metrics(models: Path) -> list[Metric]:
    """Every metric that the project's folder `models` defines, by name: in semantic/, and in the YAML of marts.

    Raises ValueError for one that names a measure that no semantic model has, lacks a part, or is not simple, ratio or
    one metric over another.
    """
    documents = _documents(models / "semantic")
    measures: dict[str, Measure] = {}
    for document in documents:
        for model in document.get("semantic_models", []):
            for measure in _measures(model):
                if measure.name in measures:
                    raise ValueError(f"measure {measure.name} is defined twice")
                measures[measure.name] = measure
    found = [_metric(node, measures) for document in documents for node in document.get("metrics", [])]
    for document in _documents(models / "marts"):
        for mart in document.get("models", []):
            for node in mart.get("config", {}).get("meta", {}).get("metrics", []):
                found.append(Metric(*_said(node), made_of=(mart["name"],)))
                _check_minimum_n(found[-1])
    named = {metric.name: metric for metric in found}
    found = [_quotient(metric, named) if metric.meta["computed_by"] == "metrics" else metric for metric in found]
    return sorted(found, key=lambda metric: metric.name)


def _documents(folder: Path) -> list[dict[str, Any]]:
    return [yaml.safe_load(file.read_text(encoding="utf-8")) or {} for file in sorted(folder.rglob("*.yml"))]


def _measures(model: dict[str, Any]) -> Iterable[Measure]:
    days = {dimension["name"]: dimension.get("expr", dimension["name"]) for dimension in model["dimensions"]}
    slices = tuple(entity["name"] for entity in model["entities"] if entity["type"] == "foreign")
    for measure in model["measures"]:
        yield Measure(
            measure["name"],
            f"{measure['agg']} {measure.get('agg_params', {}).get('percentile', '')}".strip(),
            str(measure.get("expr", measure["name"])),
            model["model"],
            days[model["defaults"]["agg_time_dimension"]],
            slices,
        )


def _said(node: dict[str, Any]) -> tuple[str, str, str, dict[str, Any]]:
    """Name, label, description and meta of a definition that says all it must."""
    name, meta = node["name"], node.get("config", {}).get("meta", {})
    lacking = [key for key in META if key not in meta]
    if lacking:
        raise ValueError(f"metric {name} does not say its {', '.join(lacking)} (config.meta)")
    for key, choices in CHOICES.items():
        if meta[key] not in choices:
            raise ValueError(f"metric {name}: {key} is {meta[key]!r}, and should be one of {', '.join(choices)}")
    return name, node["label"], node["description"], meta


def _metric(node: dict[str, Any], measures: dict[str, Measure]) -> Metric:
    said, parameters = _said(node), node["type_params"]
    name, meta = node["name"], said[-1]
    if node["type"] == "derived" and meta["computed_by"] == "metrics":
        return Metric(*said, made_of=tuple(parameters["expr"].split(" / ")))
    if node["type"] not in ("simple", "ratio"):
        raise ValueError(
            f"metric {name} is {node['type']}: write it as simple or ratio, arithmetic in its measures, "
            "or as one metric over another (type derived, computed_by metrics)"
        )

    def measure(key: str | None) -> Measure:
        if key not in measures:
            raise ValueError(f"metric {name} needs a measure {key}, which no semantic model has")
        return measures[key]

    is_ratio = node["type"] == "ratio"
    one = parameters["numerator"] if is_ratio else parameters["measure"]
    numerator = measure(one["name"] if isinstance(one, dict) else one)
    denominator = measure(parameters["denominator"]) if is_ratio else None
    others = [meta.get("n"), meta.get("sum_of_squares"), (meta.get("needs") or {}).get("measure")]
    metric = Metric(*said, numerator, denominator, tuple(measure(other) for other in others if other))
    _check(metric)
    return metric


def _check(metric: Metric) -> None:
    for measure in (metric.numerator, metric.denominator, *metric.others):
        if measure is None:
            continue
        unknown = sorted(set(metric.meta["allowed_slices"]) - set(measure.slices))
        if unknown:
            raise ValueError(f"metric {metric.name} allows {', '.join(unknown)}, by which {measure.name} is not known")
        adds_up = measure.aggregation in ("sum", "count")
        if adds_up == (metric.meta["computed_by"] == "histogram"):
            raise ValueError(f"metric {metric.name}: {measure.name} is a {measure.aggregation}")
    if metric.meta["minimum"] == "audits" and "n" not in metric.meta:
        raise ValueError(f"metric {metric.name} has a minimum of audits and does not say its n")
    only_by = metric.meta.get("only_by")
    if only_by and only_by not in metric.meta["allowed_slices"]:
        raise ValueError(f"metric {metric.name} is read only by {only_by}, which it does not allow (allowed_slices)")
    _check_minimum_n(metric)


def _check_minimum_n(metric: Metric) -> None:
    """A share has a least number of cases that can be named, or says why it has none; nothing else has one."""
    said = metric.meta.get("minimum_n")
    if not metric.has_minimum_n:
        if said is not None:
            raise ValueError(
                f"metric {metric.name} says minimum_n, and is a count or has a minimum of audits: leave it out"
            )
        return
    said = said or {}
    is_read = isinstance(said, dict) and isinstance(said.get("at_least", 0), int) and set(said) <= set(MINIMUM_N)
    if not is_read or (said.get("exempt") and len(said) > 1):
        raise ValueError(
            f"metric {metric.name}: minimum_n is {said}, and should have counts and at_least, a whole number, or exempt"
            " alone"
        )
    if said.get("exempt") or said.get("counts"):
        return
    below = metric.denominator
    if below is None or (not metric.meta.get("n") and below.name.endswith(AMOUNTS)):
        what = f"{below.name} is no count of cases" if below else "it has no denominator"
        raise ValueError(
            f"metric {metric.name} has no least number of cases, since {what}: say its n, or what minimum_n counts, "
            "or why it is exempt"
        )


def least_cases(metric: Metric) -> str:
    """Below how many cases a metric has no value, or why there is no such number; empty without `has_minimum_n`."""
    if not metric.has_minimum_n:
        return ""
    said = metric.meta.get("minimum_n") or {}
    if said.get("exempt"):
        return f"no number of cases: {said['exempt']}"
    return f"{said.get('at_least', '`minimum_n`')} {said.get('counts') or metric.meta['denominator']}"


def _quotient(metric: Metric, named: dict[str, Metric]) -> Metric:
    """With its parts. What is above is known of all, what is below may be sampled: else the interval is another."""
    if len(metric.made_of) != 2 or not set(metric.made_of) <= set(named):
        said = " / ".join(metric.made_of)
        raise ValueError(f"metric {metric.name} should be one metric over another, not {said}")
    above, below = (named[name] for name in metric.made_of)
    if above.meta["interval_method"] != "none":
        raise ValueError(f"metric {metric.name}: {above.name} is above and is sampled, which has no interval here")
    for part in (above, below):
        unknown = sorted(set(metric.meta["allowed_slices"]) - set(part.meta["allowed_slices"]))
        if unknown:
            raise ValueError(f"metric {metric.name} allows {', '.join(unknown)}, which {part.name} does not")
    return replace(metric, parts=(above, below))


_INTRODUCTION = """# The metrics

Made by `make docs` from `models/semantic/` and the YAML of marts; a test fails when it is out of date. How to read
them, and how to add or change one: [metrics.md](metrics.md). A value is its numerator over its denominator, both
summed first; a count or a percentile has no denominator, and what Python computes or is one metric over another is no
sum. Every metric may be read for all, and by the slices named.
"""


def catalogue_page(metrics: Iterable[Metric]) -> str:
    """docs/metric_catalogue.md as Markdown."""
    parts = [_INTRODUCTION]
    for metric in metrics:
        meta = metric.meta
        parts.append(f"\n## {metric.name}\n\n{metric.label}. {metric.description}\n")
        rows = [
            ("numerator", meta["numerator"]),
            ("denominator", meta["denominator"]),
            ("left out", meta["exclusions"]),
        ]
        rows += [("unit", meta["unit"]), ("better", meta["direction"]), ("by the day", meta["date_role"])]
        minimum = "" if meta["minimum"] == "none" else f"minimum {meta['minimum']}"
        least = "; ".join(filter(None, (minimum, least_cases(metric)))) or "none"
        rows += [("slices", ", ".join(meta["allowed_slices"])), ("no value below", least)]
        if meta.get("only_by"):
            rows.append(("no value but by", meta["only_by"]))
        if meta.get("needs"):
            rows.append(("not estimable where", meta["needs"]["reason"]))
        rows.append(("interval", meta["interval_method"]))
        if meta.get("settles_after"):
            rows.append(("complete after", meta["settles_after"]))
        rows.append(("owner, tier, version", f"{meta['owner']}, {meta['tier']}, {meta['version']}"))
        parts.append("| | |\n|---|---|")
        parts.extend(f"| {name} | {value} |" for name, value in rows)
    return "\n".join(parts) + "\n"
