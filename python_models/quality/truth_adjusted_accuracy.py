"""Accuracy corrected for what auditors miss: reads sums by slice and planted items, calls plumbline.statistics.

Of all periods in each run: what is known of how well auditors see grows with each planted item, and all of it counts.
"""

import pandas as pd

from plumbline.results import typed
from plumbline.statistics.proportions import accuracy_given_auditor_error, smoothed, weighted_from_sums

CELL = ["grain", "scope_type", "scope", "slice_type", "slice", "period_start"]
COLUMNS = {
    "metric_id": "text",
    "grain": "text",
    "scope_type": "text",
    "scope": "text",
    "slice_type": "text",
    "slice": "text",
    "clusters": "count",
    "audits": "count",
    "provisional_audits": "count",
    "estimate": "number",
    "standard_error": "number",
    "lower": "number",
    "upper": "number",
    "effective_n": "number",
    "reason": "text",
    "period_start": "day",
}
# Of each kind of planted items; under this, what auditors see is not known well enough to be corrected.
LEAST_ITEMS = 30
# Audits of either arm, of equal weight: of a handful, none found means little.
LEAST_ARM = 30


def model(dbt, session):
    """One row per grain, period, scope and slice in which decisions with a measure and without were audited enough."""
    dbt.config(materialized="table")
    sums = dbt.ref("int_quality_sums").filter("is_arm").df()
    gold = dbt.ref("int_gold_audits").df().fillna(0).iloc[0]
    items, seen = gold[["gold_violative_items", "gold_innocent_items"]], gold.filter(like="_found")
    sums["n"] = sums["weight"] ** 2 / sums["squared_weight"]
    of_cell = sums.groupby(CELL)["n"]
    sums = sums[(of_cell.transform("size") == 2) & (of_cell.transform("min") >= LEAST_ARM)].reset_index(drop=True)
    if items.min() < LEAST_ITEMS or sums.empty:
        return typed(pd.DataFrame(), COLUMNS)
    found = weighted_from_sums(sums)
    arms = sums.assign(
        is_positive=sums["metric_id"] == "measures_first_found_violative",
        share=sums["weight"] / sums.groupby(CELL)["weight"].transform("sum"),
        observed=found["estimate"],
        observed_variance=smoothed(found["estimate"] * found["effective_n"], found["effective_n"])["variance"],
    )
    arms = arms[arms.assign(known=found["effective_n"].notna()).groupby(CELL)["known"].transform("all")]
    sensitivity, specificity = smoothed(seen, items).to_dict("records")
    corrected = accuracy_given_auditor_error(
        arms,
        sensitivity["estimate"],
        specificity["estimate"],
        by=CELL,
        sensitivity_variance=sensitivity["variance"],
        specificity_variance=specificity["variance"],
    )
    counted = arms.groupby(CELL, as_index=False)[["clusters", "audits", "provisional_audits"]].max()
    return typed(corrected.merge(counted, on=CELL).assign(metric_id="truth_adjusted_accuracy"), COLUMNS)
