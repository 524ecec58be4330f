"""Intervals of the metrics that are estimated from audits: reads sums by slice, calls plumbline.statistics."""

import pandas as pd

from plumbline.statistics.proportions import accuracy_given_auditor_error, interval, weighted_from_sums

CELL = ["grain", "scope_type", "scope", "slice_type", "slice", "period_start"]
NUMBERS = ["estimate", "standard_error", "lower", "upper", "effective_n"]
COUNTS = ["clusters", "provisional_audits", "_batch"]
COLUMNS = ["metric_id", *CELL[:-1], *COUNTS[:-1], *NUMBERS, "reason", "period_start", "_batch"]
DIGITS = 12
# What auditors first said of decisions with a measure and of those without: parts of an estimate, none of their own.
ARMS = ["measures_first_found_violative", "approvals_first_found_violative"]
# Of each kind of planted items; under this, what auditors see is not known well enough to be corrected.
LEAST_GOLD_ITEMS = 30
# Audits of either arm that a correction takes, of equal weight: of a handful, none found means little.
LEAST_ARM = 30


def model(dbt, session):
    """One row per sampled metric, grain, period, scope and slice; only of periods that this run touched."""
    dbt.config(materialized="incremental", incremental_strategy="touched_days")
    dbt.ref("touched_metric_days")
    sums = dbt.ref("int_quality_sums")
    gold = dbt.ref("int_gold_audits")
    if dbt.is_incremental:
        newest = session.sql(f"select coalesce(max(_batch), 0) from {dbt.this}").fetchone()[0]
        sums = sums.filter(f"_batch > {newest}")
    sums = sums.order(", ".join(["metric_id", *CELL])).df()
    numbers = ["weight", "weighted", "squared_weight", "cluster_yy", "cluster_yw", "cluster_ww"]
    sums = sums.astype(dict.fromkeys(numbers, "float64")).assign(n=sums["clusters"])
    found = weighted_from_sums(sums).drop(columns="n")
    raw = pd.concat([sums[["metric_id", *CELL, *COUNTS]], found], axis=1)
    adjusted = _truth_adjusted(
        raw.assign(weight=sums["weight"], kish_n=sums["weight"] ** 2 / sums["squared_weight"]), gold.df().iloc[0]
    )
    raw = raw[~raw["metric_id"].isin(ARMS)]
    return _typed(pd.concat([raw, adjusted], ignore_index=True) if len(adjusted) else raw)


def _truth_adjusted(raw, gold):
    """Accuracy corrected for what auditors miss, where both arms of decisions were audited."""
    if gold.isna().any() or min(gold["gold_violative_items"], gold["gold_innocent_items"]) < LEAST_GOLD_ITEMS:
        return raw.head(0)
    arms = raw[raw["metric_id"].isin(ARMS) & raw["standard_error"].notna()]
    of_cell = arms.groupby(CELL)
    arms = arms[(of_cell["metric_id"].transform("size") == 2) & (of_cell["kish_n"].transform("min") >= LEAST_ARM)]
    arms = arms.assign(
        is_positive=arms["metric_id"] == ARMS[0],
        share=arms["weight"] / arms.groupby(CELL)["weight"].transform("sum"),
        observed=arms["estimate"],
        observed_variance=_variance(arms["estimate"], arms["effective_n"]),
    )
    sees = interval(
        [gold["gold_violative_items_found"], gold["gold_innocent_items_found"]],
        [gold["gold_violative_items"], gold["gold_innocent_items"]],
    )["estimate"]
    variances = sees * (1 - sees) / [gold["gold_violative_items"], gold["gold_innocent_items"]]
    corrected = accuracy_given_auditor_error(
        arms, sees[0], sees[1], by=CELL, sensitivity_variance=variances[0], specificity_variance=variances[1]
    )
    counted = arms.groupby(CELL, as_index=False)[COUNTS].max()
    return corrected.merge(counted, on=CELL).assign(metric_id="truth_adjusted_accuracy")


def _variance(share, n):
    """Of a share of an effective `n`, half a success and half a failure added: none found is not none there."""
    smoothed = (share * n + 0.5) / (n + 1)
    return smoothed * (1 - smoothed) / (n + 1)


def _typed(frame):
    texts = ["metric_id", "grain", "scope_type", "scope", "slice_type", "slice", "reason"]
    frame = frame.reindex(columns=COLUMNS)
    types = dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(COUNTS, "int64") | dict.fromkeys(texts, "string")
    frame = frame.astype(types).round(dict.fromkeys(NUMBERS, DIGITS))
    return frame.assign(period_start=pd.to_datetime(frame["period_start"]).astype("datetime64[us]"))
