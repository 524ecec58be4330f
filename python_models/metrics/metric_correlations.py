"""Which metrics move together from week to week: reads the series, calls plumbline.statistics."""

import pandas as pd

from plumbline.statistics.regression import CORRELATION, correlation

# Changes from week to week, so that two trends are no correlation; fewer than half a year says little.
LEAST_WEEKS = 20
DIGITS = 9


def model(dbt, session):
    """One row per pair of tier-1 metrics, over all complete weeks."""
    dbt.config(materialized="table")
    series = dbt.ref("mart_metric_series")
    metrics = dbt.ref("dim_metric").filter("tier = 1").project("metric_id")
    weeks = (
        series.filter("grain = 'week' and scope = 'all' and slice_type = 'all' and is_complete")
        .join(metrics, "metric_id")
        .project(
            "metric_id, period_start, cast(numerator as double) / coalesce(nullif(cast(denominator as double), 0),"
            " case when denominator is null then 1.0 end) as metric_value"
        )
        .order("metric_id, period_start")
        .df()
    )
    wide = weeks.pivot(index="period_start", columns="metric_id", values="metric_value").sort_index()
    wide.index = pd.to_datetime(wide.index)
    changes = wide.asfreq("7D").diff() if len(wide) else wide
    found = correlation(changes, sorted(changes.columns), minimum_n=LEAST_WEEKS)
    texts = ["variable_1", "variable_2", "reason"]
    numbers = [name for name in CORRELATION if name not in (*texts, "n")]
    found = found.astype(dict.fromkeys(numbers, "float64") | dict.fromkeys(texts, "string") | {"n": "int64"})
    return found.round(dict.fromkeys(numbers, DIGITS))[CORRELATION]
