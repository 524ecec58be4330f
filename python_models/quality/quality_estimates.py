"""Intervals of the metrics that are estimated from audits: reads sums by slice, calls plumbline.statistics."""

import pandas as pd

from plumbline.results import typed
from plumbline.statistics.proportions import weighted_from_sums

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
    "_batch": "count",
}


def model(dbt, session):
    """One row per sampled metric, grain, period, scope and slice; only of periods that this run affected."""
    dbt.config(materialized="incremental", incremental_strategy="insert_overwrite")
    dbt.ref("affected_metric_days")
    sums = dbt.ref("int_quality_sums")
    if dbt.is_incremental:
        newest = session.sql(f"select coalesce(max(_batch), 0) from {dbt.this}").fetchone()[0]
        sums = sums.filter(f"_batch > {newest}")
    sums = sums.df()
    found = weighted_from_sums(sums)
    # A recall without audited approvals is no 100 %, whatever the sums say.
    reason = sums["not_estimable_reason"].where(sums["not_estimable_reason"].notna(), found["reason"])
    return typed(pd.concat([sums, found.assign(reason=reason)], axis=1), COLUMNS)
