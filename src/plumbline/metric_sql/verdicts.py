"""What the sums need that estimates from audits are made of: by which measures, of which audits, in which slices."""

import re
from collections.abc import Iterable
from typing import Any

from plumbline.governance.metrics import Metric
from plumbline.metric_sql.semantics import SemanticModel

PARTS = ("audits", "provisional", "squares")


def quality_sums(verdicts: SemanticModel, metrics: Iterable[Metric]) -> dict[str, Any]:
    """Values of the template: the ratios over weights whose interval is Hájek's, and the columns that they read."""
    expressions = {measure.name: measure.expression for measure in verdicts.measures}
    ratios = {
        metric.name: _ratio(metric, expressions)
        for metric in metrics
        if metric.meta["interval_method"] == "hajek" and metric.denominator and metric.denominator.name in expressions
    }
    bases = {ratio["basis"]: ratio["w"] for ratio in ratios.values()}
    weights = _columns(f"{ratio['y']} {ratio['w']}" for ratio in ratios.values())
    needed = _columns(ratio["needed"] for ratio in ratios.values() if ratio["needed"])
    counted = {column: f"sum({column})" for column in needed}
    counted |= {f"{basis}_{part}": f"sum({basis}_{part})" for basis in bases for part in PARTS}
    return {
        "entities": verdicts.entities,
        "day": verdicts.day,
        "ratios": ratios,
        "bases": bases,
        "weights": weights,
        "needed": needed,
        "counted": counted,
        "weighed": {column: f"sum({column})" for column in weights},
    }


def audited_arms(verdicts: SemanticModel, metric: Metric) -> dict[str, Any]:
    """Values of the template, by the slices that the metric allows."""
    arms = {
        "actioned": ("initial_true_positive", "initial_false_positive"),
        "approvals": ("initial_false_negative", "initial_true_negative"),
    }
    columns = [f"{arm}_{part}" for arm in arms for part in ("audits", "weight", "squares", "violative")]
    return {
        "entities": [entity for entity in verdicts.entities if entity.name in metric.meta["allowed_slices"]],
        "arms": arms,
        "sums": {column: f"sum({column})" for column in columns},
    }


def _ratio(metric: Metric, expressions: dict[str, str]) -> dict[str, Any]:
    """What is divided by what. Metrics of one denominator rest on the same audits, and have one `basis`."""
    assert metric.numerator is not None
    assert metric.denominator is not None
    needs = metric.meta.get("needs")
    slices = ["all", *metric.meta["allowed_slices"]]
    return {
        "y": expressions[metric.numerator.name],
        "w": expressions[metric.denominator.name],
        "basis": f"{metric.denominator.name}_basis",
        "slices": "'" + "', '".join(slices) + "'",
        "needed": expressions[needs["measure"]] if needs else None,
        "reason": "'" + needs["reason"].replace("'", "''") + "'" if needs else None,
        "of_all": "'" + "', '".join(metric.meta["needs_of_all"]) + "'" if metric.meta.get("needs_of_all") else None,
    }


def _columns(expressions: Iterable[str]) -> list[str]:
    """Columns that expressions read, each once."""
    return list(dict.fromkeys(name for text in expressions for name in re.findall("[a-z_]+", text)))
