"""How many decisions of each stratum to audit next: reads what was found, calls plumbline.statistics."""

import numpy as np
import pandas as pd

from plumbline.results import typed
from plumbline.statistics.proportions import smoothed
from plumbline.statistics.sampling import expected_margin, neyman_allocation

COLUMNS = {
    "frame_id": "text",
    "stratum": "text",
    "population_count": "count",
    "current_n": "count",
    "planned_n": "count",
    "expected_accuracy": "number",
    "inclusion_probability": "number",
    "current_half_width": "number",
    "half_width": "number",
}
# Of each stratum, or all it has: two let a variance be estimated.
AT_LEAST = 2


def model(dbt, session):
    """One row per stratum of the last frame that is over."""
    dbt.config(materialized="table")
    strata = dbt.ref("int_audit_expectations").order("frame_id, stratum").df()
    if strata.empty:
        return typed(pd.DataFrame(), COLUMNS)
    # A stratum without errors still needs audits to stay so.
    error_rate = smoothed(strata["error_share"] * strata["audits"], strata["audits"])["estimate"]
    strata = strata.assign(expected_accuracy=1 - error_rate, deviation=np.sqrt(error_rate * (1 - error_rate)))
    total = int(max(strata["current_n"].sum(), strata["population_count"].clip(upper=AT_LEAST).sum()))
    plan = neyman_allocation(strata, total, population="population_count", at_least=AT_LEAST)
    return typed(
        plan.assign(
            current_half_width=expected_margin(plan, population="population_count", planned="current_n"),
            half_width=expected_margin(plan, population="population_count"),
        ),
        COLUMNS,
    )
