"""Intervals of the metrics that are estimated from audits: reads sums by slice, calls plumbline.statistics."""

import pandas as pd

from plumbline.statistics.proportions import accuracy_given_auditor_error, interval, weighted_from_sums

CELL = ["grain", "scope_type", "scope", "slice_type", "slice", "period_start"]
NUMBERS = ["estimate", "standard_error", "lower", "upper", "effective_n"]
COUNTS = ["clusters", "provisional_audits", "_batch"]
COLUMNS = ["metric_id", *CELL[:-1], *COUNTS[:-1], *NUMBERS, "reason", "period_start", "_batch"]
DIGITS = 12
# Of each kind of planted items; under this, what auditors see is not known well enough to be corrected.
LEAST_GOLD_ITEMS = 30


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
    adjusted = _truth_adjusted(raw.assign(weight=sums["weight"]), gold.df().iloc[0])
    return _typed(pd.concat([raw, adjusted], ignore_index=True) if len(adjusted) else raw)


def _truth_adjusted(raw, gold):
    """Accuracy corrected for what auditors miss, where both arms of decisions were audited."""
    if gold.isna().any() or min(gold["gold_violative_items"], gold["gold_innocent_items"]) < LEAST_GOLD_ITEMS:
        return raw.head(0)
    arms = raw[raw["metric_id"].isin(["audit_precision", "leakage_rate"]) & raw["standard_error"].notna()]
    arms = arms[arms.groupby(CELL)["metric_id"].transform("size") == 2]
    arms = arms.assign(
        is_positive=arms["metric_id"] == "audit_precision",
        share=arms["weight"] / arms.groupby(CELL)["weight"].transform("sum"),
        observed=arms["estimate"],
        observed_variance=arms["standard_error"] ** 2,
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


def _typed(frame):
    texts = ["metric_id", "grain", "scope_type", "scope", "slice_type", "slice", "reason"]
    frame = frame.reindex(columns=COLUMNS)
    types = dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(COUNTS, "int64") | dict.fromkeys(texts, "string")
    frame = frame.astype(types).round(dict.fromkeys(NUMBERS, DIGITS))
    return frame.assign(period_start=pd.to_datetime(frame["period_start"]).dt.date)
