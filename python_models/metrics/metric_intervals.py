"""Intervals of metrics that are shares or means of what was seen: reads the series, calls plumbline.statistics."""

import numpy as np
import pandas as pd

from plumbline.relations import among
from plumbline.results import typed
from plumbline.statistics.comparison import mean_interval
from plumbline.statistics.proportions import weighted_interval

COLUMNS = {
    "metric_id": "text",
    "grain": "text",
    "scope_type": "text",
    "scope": "text",
    "slice_type": "text",
    "slice": "text",
    "lower": "number",
    "upper": "number",
    "period_start": "day",
}


def model(dbt, session):
    """One row per metric, grain, period, scope and slice, of periods of a week and longer."""
    dbt.config(materialized="table")
    series = dbt.ref("mart_metric_series")
    metrics = dbt.ref("dim_metric").filter("computed_by = 'sql' and interval_method in ('wilson', 'mean')")
    seen = (
        series.filter(among("metric_id", metrics))
        .filter("grain <> 'day' and denominator > 0 and numerator is not null")
        .join(metrics.project("metric_id, interval_method"), "metric_id")
        .df()
    )
    numerator, denominator = (seen[name].astype(float) for name in ("numerator", "denominator"))
    # Of what is not weighted, each unit weighs one.
    squares = seen["sum_of_squares"].astype(float).fillna(denominator)
    is_mean = seen["interval_method"] == "mean"
    # Sums have twelve decimals: squares of tiny values lose more by rounding than their mean does.
    squares = squares.where(~is_mean, np.maximum(squares, numerator**2 / denominator))
    found = pd.concat(
        [
            weighted_interval(*(part[~is_mean] for part in (numerator, denominator, squares))).set_axis(
                seen.index[~is_mean]
            ),
            mean_interval(*(part[is_mean] for part in (denominator, numerator, squares))).set_axis(seen.index[is_mean]),
        ]
    )
    return typed(seen.join(found[["lower", "upper"]]), COLUMNS)
