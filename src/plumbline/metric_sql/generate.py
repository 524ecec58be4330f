"""The text of each generated model: slices and metrics of an area, and the sums that estimates from audits need."""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from plumbline.governance.metrics import Metric, load_metrics
from plumbline.metric_sql.semantics import AREAS, REBUILT, Entity, SemanticModel, load_semantic_models
from plumbline.metric_sql.verdicts import audited_arms, quality_sums

FOLDER = Path("models") / "metrics" / "generated"
GRAINS = ("week", "month", "quarter")


@dataclass(frozen=True)
class Definitions:
    """Semantic models and metrics, and which measure stands where."""

    models: Sequence[SemanticModel]
    metrics: Sequence[Metric]

    def model_of(self, measure: str) -> SemanticModel:
        """The semantic model that has a measure."""
        return next(
            model
            for model in self.models
            if measure in model.others or any(measure == own.name for own in model.measures)
        )

    def __post_init__(self) -> None:
        """Refuse a metric about people whose people nobody counts: none of its figures could be published."""
        for metric in self.metrics:
            is_about_people = metric.meta["minimum"] in ("people", "workers")
            if is_about_people and not self.base_of(metric).people:
                raise ValueError(
                    f"metric {metric.name} has a minimum of {metric.meta['minimum']}, and the semantic model"
                    f" {self.base_of(metric).name} counts none: name the column that has them (config.meta.people)"
                )

    def group_of(self, metric: Metric) -> str:
        """`rebuilt` where any of its measures is, else the area of what is counted."""
        groups = {self.model_of(measure.name).group for measure in metric.measures}
        return REBUILT if REBUILT in groups else self.base_of(metric).group

    def base_of(self, metric: Metric) -> SemanticModel:
        """The semantic model of the denominator, or of a count."""
        base = metric.denominator or metric.numerator
        assert base is not None
        return self.model_of(base.name)


def generated_models(root: Path) -> dict[Path, str]:
    """The text of each file in models/metrics/generated, by its path; `root` is the project."""
    summed = [metric for metric in load_metrics(root / "models") if metric.numerator]
    definitions = Definitions(load_semantic_models(root / "models"), summed)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("plumbline.metric_sql"),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(),
    )

    environment.globals["comment"] = _comment

    def rendered(template: str, **values: Any) -> str:
        return environment.get_template(template).render(**values).strip() + "\n"

    files: dict[str, str] = {}
    for group in (*AREAS, REBUILT):
        models = [model for model in definitions.models if model.group == group and model.measures]
        files[f"int_{group}_slices.sql"] = rendered("slices.sql", group=group, models=models, sums_of=_sums_of(models))
        files[f"int_{group}_slices.yml"] = rendered("slices.yml", group=group)
        files[f"int_{group}_metrics.sql"] = rendered("metrics.sql", group=group, **_metrics_of(group, definitions))
        files[f"int_{group}_metrics.yml"] = rendered("metrics.yml", group=group)
    verdicts = definitions.model_of("judged_weight")
    files["int_quality_sums.sql"] = rendered("quality_sums.sql", **quality_sums(verdicts, summed))
    adjusted = next(m for m in load_metrics(root / "models") if m.name == "truth_adjusted_accuracy")
    files["int_audited_arms.sql"] = rendered("audited_arms.sql", **audited_arms(verdicts, adjusted))
    return {root / FOLDER / name: text for name, text in files.items()}


def _sums_of(models: Iterable[SemanticModel]) -> dict[str, dict[str, str]]:
    """How each column of a semantic model's cells is added up over cells."""
    sums = {model.name: {own.name: f"sum({own.name})" for own in model.measures} for model in models}
    for model in models:
        if model.people_column:
            sums[model.name][model.people_column] = f"bit_or({model.people_column})"
    return sums


def _metrics_of(group: str, definitions: Definitions) -> dict[str, Any]:
    """What the template of a group's metrics needs."""
    own = [metric for metric in definitions.metrics if definitions.group_of(metric) == group]
    summed = [metric for metric in own if metric.meta["computed_by"] == "sql"]
    families = _families([metric for metric in own if metric.meta["computed_by"] == "histogram"], definitions)
    read = {definitions.model_of(measure.name).group for metric in summed for measure in metric.measures}
    areas = {definitions.model_of(measure.name).group for metric in own for measure in metric.measures}
    columns = {measure.name for metric in summed for measure in metric.measures}
    columns |= {people for metric in summed if (people := definitions.base_of(metric).people_column)}
    sums = [_sum(metric, definitions) for metric in summed]
    needed_of_all = [row for row in sums if row["needed_of_all"]]
    members = {"periods_and_needed" if needed_of_all else "periods": sums}
    members |= {f"{family['name']}_quantiles": [_quantile(m, family) for m in family["members"]] for family in families}
    return {
        "areas": sorted(areas - {REBUILT}),
        "read": sorted(read),
        "columns": sorted(columns),
        "families": families,
        "needed_of_all": needed_of_all,
        "metrics": [(rows, metrics) for rows, metrics in members.items() if metrics],
    }


def _sum(metric: Metric, definitions: Definitions) -> dict[str, Any]:
    """The row of a metric that is a sum, or one sum over another."""
    meta, numerator = metric.meta, metric.numerator
    assert numerator is not None
    needs = meta.get("needs")
    needed = (f"{metric.name}_needed" if meta.get("needs_of_all") else needs["measure"]) if needs else None
    value = f"coalesce({numerator.name}, 0)" if metric.denominator else numerator.name
    return {
        "name": metric.name,
        "label": metric.label,
        "numerator": f"case when {needed} = 0 then null else {value} end" if needed else value,
        "denominator": metric.denominator and metric.denominator.name,
        "sum_of_squares": meta.get("sum_of_squares"),
        "n": meta.get("n"),
        "people": definitions.base_of(metric).people_column,
        "reason": f"case when {needed} = 0 then {_literal(needs['reason'])} end" if needs else None,
        "needed": needs and needs["measure"],
        "needed_of_all": _literals(meta["needs_of_all"]) if meta.get("needs_of_all") else None,
        "present": (metric.denominator or numerator).name,
        "slices": _literals(["all", *meta["allowed_slices"]]),
        "grains": _literals(meta["grains"]) if meta.get("grains") else None,
    }


def _families(metrics: Sequence[Metric], definitions: Definitions) -> list[dict[str, Any]]:
    """Percentiles that are read from one histogram by one day, in one pass over it."""
    families: dict[tuple[Any, ...], dict[str, Any]] = {}
    for metric in metrics:
        histogram = metric.meta["histogram"]
        grains = tuple(metric.meta.get("grains") or GRAINS)
        asked = tuple(histogram.get(key) for key in ("model", "day", "where", "value")) + grains
        entities: tuple[Entity, ...] = definitions.base_of(metric).entities
        people = definitions.base_of(metric).people
        unions = {"people_bits": "bit_or(people_bits)"} if people else {}
        family = families.setdefault(
            asked,
            {
                "name": f"{histogram['model'].removeprefix('int_')}_{len(families) + 1}",
                "model": histogram["model"],
                "day": histogram["day"],
                "where": histogram.get("where"),
                "value": histogram.get("value"),
                "count": histogram.get("count", "row_count"),
                "people": people,
                "entities": entities,
                "grains": grains,
                "aggregates": {"row_count": "sum(row_count)"} | unions,
                "quantiles": {},
                "members": [],
            },
        )
        family["quantiles"][metric.name] = histogram["quantile"]
        family["members"].append(metric)
    return list(families.values())


def _quantile(metric: Metric, family: dict[str, Any]) -> dict[str, Any]:
    """The row of a percentile."""
    return {
        "name": metric.name,
        "label": metric.label,
        "numerator": metric.name,
        "denominator": None,
        "sum_of_squares": None,
        "n": "row_count",
        "people": "people_bits" if family["people"] else None,
        "reason": None,
        "present": metric.name,
        "slices": _literals(["all", *metric.meta["allowed_slices"]]),
        "grains": None,
    }


def _comment(text: str) -> str:
    """A text as lines of comment, each on a new line."""
    return "".join(f"\n-- {line}" for line in textwrap.wrap(text, 117))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literals(texts: Iterable[str]) -> str:
    return ", ".join(_literal(text) for text in texts)
