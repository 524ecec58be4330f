"""Accuracy corrected for what auditors miss: reads sums by slice and gold items, calls plumbline.statistics.

Of all periods in each run: what is known of how well auditors see grows with each gold item, and all of it counts.
"""

import numpy as np

from plumbline.results import typed
from plumbline.statistics.proportions import accuracy_by_known_auditors, auditor_errors, weighted_from_sums

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
    audited = weighted_from_sums(cells)
    cells["reason"] = audited["reason"]
    if seen.empty:
        return typed(cells.assign(reason=TOO_FEW_ITEMS), COLUMNS)
    cells["accuracy"], cells["effective_n"] = audited["estimate"], audited["effective_n"]
    enough = cells.loc[cells["reason"].isna(), [*CELL, "accuracy", "effective_n"]]
    found = accuracy_by_known_auditors(arms.merge(enough, on=CELL), seen, by=CELL, group="policy_group", pool=POOL)
    share = found["pooled_share"]
    found["auditor_error_from"] = np.select([share == 0, share == 1], [OWN, POOL], f"{OWN}, {POOL} for the rest")
    cells = cells.drop(columns="effective_n").merge(found, on=CELL, how="left", suffixes=("", "_found"))
    cells["reason"] = cells["reason"].where(cells["reason"].notna(), cells["reason_found"])
    return typed(cells, COLUMNS)
