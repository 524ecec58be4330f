"""How many decisions of each stratum to audit next: reads what was found, calls plumbline.statistics."""

import numpy as np
import pandas as pd

from plumbline.statistics.proportions import stratified
from plumbline.statistics.sampling import neyman_allocation

COLUMNS = [
    "frame_id", "stratum", "population_count", "current_n", "planned_n", "expected_accuracy", "inclusion_probability",
    "current_half_width", "half_width",
]  # fmt: skip
DIGITS = 12


def model(dbt, session):
    """One row per stratum of the last frame that is over."""
    dbt.config(materialized="table")
    strata = dbt.ref("int_audit_expectations").order("frame_id, stratum").df()
    if strata.empty:
        return _typed(pd.DataFrame(columns=COLUMNS))
    # Half an error and half a right one added: a stratum without errors still needs audits to stay so.
    error_rate = (strata["errors"] + 0.5) / (strata["audits"] + 1)
    strata = strata.assign(
        current_n=strata["planned_n"].clip(upper=strata["population_count"]),
        expected_accuracy=1 - error_rate,
        deviation=np.sqrt(error_rate * (1 - error_rate)),
    ).drop(columns="planned_n")
    least = int(np.minimum(strata["population_count"], 2).sum())
    total = int(max(strata["current_n"].sum(), least))
    plan = neyman_allocation(strata, total, population="population_count")
    return _typed(
        plan.assign(current_half_width=_half_width(plan, "current_n"), half_width=_half_width(plan, "planned_n"))
    )


def _half_width(plan, sampled):
    """Of the 95 % interval of the accuracy over all strata, were each as accurate as expected."""
    found = stratified(
        pd.DataFrame(
            {
                "stratum": plan["stratum"],
                "population": plan["population_count"],
                "sampled": plan[sampled],
                "successes": plan[sampled] * plan["expected_accuracy"],
            }
        )
    ).iloc[0]
    return (found["upper"] - found["lower"]) / 2


def _typed(frame):
    numbers = ["expected_accuracy", "inclusion_probability", "current_half_width", "half_width"]
    types = dict.fromkeys(numbers, "float64") | dict.fromkeys(["frame_id", "stratum"], "string")
    types |= dict.fromkeys(["population_count", "current_n", "planned_n"], "int64")
    return frame.astype(types).round(dict.fromkeys(numbers, DIGITS))[COLUMNS]
