"""Which metrics move together from week to week: reads the series, calls plumbline.statistics."""

import pandas as pd

from plumbline.relations import among
from plumbline.results import typed
from plumbline.statistics.regression import correlation

COLUMNS = {
    "variable_1": "text",
    "variable_2": "text",
    "estimate": "number",
    "lower": "number",
    "upper": "number",
    "n": "count",
    "p_value": "number",
    "adjusted_p_value": "number",
    "reason": "text",
}
# Fewer than so many changes say little.
LEAST_WEEKS = 20


def model(dbt, session):
    """One row per pair of tier-1 metrics, over all complete weeks."""
    dbt.config(materialized="table")
    series = dbt.ref("mart_metric_series")
    metrics = dbt.ref("dim_metric").filter("tier = 1 and computed_by in ('sql', 'histogram')")
    weeks = (
        series.filter(among("metric_id", metrics))
        .filter("grain = 'week' and scope = 'all' and slice_type = 'all' and is_complete")
        .filter("denominator is null or denominator <> 0")
        .project("metric_id, period_start, cast(numerator as double) / coalesce(denominator, 1) as metric_value")
        .df()
    )
    wide = weeks.pivot(index="period_start", columns="metric_id", values="metric_value")
    # Changes, so that two trends are no correlation; a week that is missing leaves none on either side.
    changes = wide.set_axis(pd.to_datetime(wide.index)).asfreq("7D").diff() if len(wide) else wide
    return typed(correlation(changes, sorted(changes.columns), minimum_n=LEAST_WEEKS), COLUMNS)
