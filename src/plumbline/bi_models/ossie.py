"""An Apache Ossie document of the published star and its metrics, for tools that exchange semantic models.

Written for version 0.2.0.dev0 of https://github.com/apache/ossie, core-spec.
"""

from pathlib import PurePosixPath
from typing import Any

import yaml

from plumbline.bi_models.star import METRICS, Column, Measure, Star, Table

VERSION = "0.2.0.dev0"
TYPES = {"text": "String", "boolean": "Boolean", "whole": "Integer", "exact": "Decimal", "real": "Float", "day": "Date",
         "instant": "DateTime"}  # fmt: skip


def ossie_files(star: Star, schema: str = "plumbline", database: str = "marts") -> dict[PurePosixPath, str]:
    """The text of the document, by its path."""
    document = {
        "version": VERSION,
        "name": "plumbline",
        "description": "Trust & Safety operations: how fast, how well and at what human cost content is moderated.",
        "datasets": [_dataset(table, f"{database}.{schema}") for table in star.tables],
        "relationships": [
            {
                "name": f"{table.name}__{column}",
                "from": table.name,
                "to": dimension,
                "from_columns": [column],
                "to_columns": [key],
            }
            for table in star.tables
            for column, dimension, key in table.references
        ],
        "metrics": [_metric(measure) for measure in star.measures],
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    return {PurePosixPath("plumbline.ossie.yml"): text}


def _expression(text: str) -> dict[str, Any]:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": text}]}


def _dataset(table: Table, schema: str) -> dict[str, Any]:
    keys = [column.name for column in table.columns if column.is_key]
    return {
        "name": table.name,
        "source": f"{schema}.{table.name}",
        **({"primary_key": keys} if keys else {}),
        "description": table.description,
        "fields": [_field(column) for column in table.columns],
    }


def _field(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "expression": _expression(column.name),
        "dimension": {"is_time": column.kind in ("day", "instant")},
        "label": column.label,
        "description": column.description,
        "datatype": TYPES[column.kind],
    }


def _metric(measure: Measure) -> dict[str, Any]:
    """A metric over the published values: of one period, scope and slice it is that value, of several none."""
    own = f"case when {METRICS}.metric_id = '{measure.name}' then {METRICS}.metric_value end"
    meta = measure.metric.meta
    lines = [measure.description, f"Numerator: {meta['numerator']}."]
    if meta["denominator"] != "none":
        lines.append(f"Denominator: {meta['denominator']}.")
    lines.append(f"Left out: {meta['exclusions']}. Unit: {measure.unit}.")
    return {
        "name": measure.name,
        "expression": _expression(f"case when count({own}) = 1 then max({own}) end"),
        "description": " ".join(" ".join(lines).split()),
        "datatype": "Float",
    }
