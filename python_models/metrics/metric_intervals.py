"""Intervals of metrics that are shares or means of what was seen: reads the series, calls plumbline.statistics."""

import pandas as pd

from plumbline.statistics.comparison import mean_interval
from plumbline.statistics.proportions import interval

CELL = ["metric_id", "grain", "scope_type", "scope", "slice_type", "slice"]
NUMBERS = ["standard_error", "lower", "upper"]
DIGITS = 12


def model(dbt, session):
    """One row per metric, grain, period, scope and slice, of periods of a week and longer."""
    dbt.config(materialized="table")
    series = dbt.ref("mart_metric_series")
    # What audits estimate of decisions has its intervals in quality_estimates.
    metrics = dbt.ref("dim_metric").filter(
        "computed_by = 'sql' and (interval_method in ('wilson', 'mean') or date_role <> 'decided')"
        " and interval_method <> 'none'"
    )
    # Sums of weights and of their squares give the size of the simple random sample that would be as exact.
    seen = (
        series.filter(
            "grain <> 'day' and denominator > 0 and numerator is not null and coalesce(sum_of_squares, 1) > 0"
        )
        .join(metrics.project("metric_id, interval_method"), "metric_id")
        .project(
            ", ".join(CELL) + ", period_start, interval_method, cast(numerator as double) as numerator,"
            " cast(denominator as double) as denominator, cast(sum_of_squares as double) as sum_of_squares"
        )
        .order(", ".join([*CELL, "period_start"]))
        .df()
    )
    is_mean = seen["interval_method"] == "mean"
    shares, means = seen[~is_mean].reset_index(drop=True), seen[is_mean].reset_index(drop=True)
    n = shares["denominator"].where(
        shares["sum_of_squares"].isna(), shares["denominator"] ** 2 / shares["sum_of_squares"]
    )
    of_shares = interval(shares["numerator"] / shares["denominator"] * n, n)
    of_means = mean_interval(means["denominator"], means["numerator"], means["sum_of_squares"])
    found = pd.concat(
        [pd.concat([shares, of_shares], axis=1), pd.concat([means, of_means], axis=1)] if len(seen) else [seen],
        ignore_index=True,
    )
    return _typed(found)


def _typed(frame):
    columns = [*CELL, *NUMBERS, "period_start"]
    frame = frame.reindex(columns=columns)
    frame = frame.astype(dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(CELL, "string"))
    frame = frame.round(dict.fromkeys(NUMBERS, DIGITS))
    return frame.assign(period_start=pd.to_datetime(frame["period_start"]).astype("datetime64[us]"))
