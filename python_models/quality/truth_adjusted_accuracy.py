"""Accuracy corrected for what auditors miss: reads sums by slice and gold items, calls plumbline.statistics.

Of all periods in each run: what is known of how well auditors see grows with each gold item, and all of it counts.
"""

import numpy as np

from plumbline.results import typed
from plumbline.statistics.proportions import (
    accuracy_given_auditor_error,
    auditor_errors,
    smoothed,
    weighted_from_sums,
)

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
    "pooled_estimate": "number",
    "auditor_error_from": "text",
    "reason": "text",
    "period_start": "day",
}
OWN, POOL = "own policy group", "pool"
TOO_FEW_ITEMS = "too few gold items to know what auditors miss"


def model(dbt, session):
    """One row per grain, period, scope and slice in which decisions with a measure and without were audited enough."""
    dbt.config(materialized="table")
    audited = dbt.ref("int_quality_sums").filter("metric_id = 'audit_accuracy_initial'").df()
    arms = dbt.ref("int_audited_arms").order(", ".join([*CELL, "policy_group", "is_positive"])).df()
    seen = auditor_errors(dbt.ref("int_gold_audits").df(), group="policy_group", pool=POOL)
    cells = audited.merge(arms[CELL].drop_duplicates(), on=CELL).assign(metric_id="truth_adjusted_accuracy")
    accuracy = weighted_from_sums(cells)
    cells["reason"] = accuracy["reason"]
    if seen.empty:
        return typed(cells.assign(reason=TOO_FEW_ITEMS), COLUMNS)
    error = accuracy["effective_n"].fillna(0)
    cells["variance"] = smoothed(accuracy["estimate"].fillna(0) * error, error)["variance"]
    arms = arms.merge(cells.loc[cells["reason"].isna(), [*CELL, "variance"]], on=CELL)
    arms["measured_by"] = arms["policy_group"].where(arms["policy_group"].isin(seen.index), POOL)
    own, pooled = (_corrected(arms.assign(measured_by=by), seen) for by in (arms["measured_by"], POOL))
    own["pooled_estimate"] = pooled["estimate"]
    found = cells.drop(columns="reason").merge(own, on=CELL, how="left", suffixes=("_sums", ""))
    found["reason"] = cells["reason"].where(cells["reason"].notna(), found["reason"])
    return typed(found, COLUMNS)


def _corrected(arms, seen):
    """Each slice by what is known of the auditors of its decisions, and whose that is."""
    sums = arms.astype({"weight": float, "violative_weight": float}).groupby(
        [*CELL, "measured_by", "is_positive"], as_index=False
    )
    parts = sums.agg({"weight": "sum", "violative_weight": "sum", "variance": "first"})
    parts = parts.assign(
        share=parts["weight"] / parts.groupby(CELL)["weight"].transform("sum"),
        observed=(parts["violative_weight"] / parts["weight"]).clip(upper=1),
    )
    found = accuracy_given_auditor_error(
        parts,
        seen["sensitivity"],
        seen["specificity"],
        by=CELL,
        group="measured_by",
        sensitivity_variance=seen["sensitivity_variance"],
        specificity_variance=seen["specificity_variance"],
        accuracy_variance="variance",
    )
    by_pool = parts["weight"].where(parts["measured_by"] == POOL, 0).groupby([parts[name] for name in CELL]).sum()
    share = by_pool / parts.groupby(CELL)["weight"].sum()
    whose = np.select([share == 0, share == 1], [OWN, POOL], f"{OWN}, {POOL} for the rest")
    return found.assign(auditor_error_from=whose)
