"""What goes with errors, other things equal: reads sums by moderator and cell, calls plumbline.statistics."""

import pandas as pd

from plumbline.results import typed
from plumbline.statistics.comparison import adjust
from plumbline.statistics.regression import LOGIT, logit

CELL = ["moderator_key", "queue_id", "language", "site_id", "tenure", "day_kind"]
PREDICTORS = CELL[1:]
COLUMNS = dict.fromkeys([*LOGIT, "adjusted_p_value"], "number") | {
    "term": "text",
    "compared_with": "text",
    "reason": "text",
    "moderators": "number",
}
# Values of fewer audits than this are put together, else they would stand for single people.
LEAST_AUDITS = 100
NO_APPROVALS = "no decision without an enforcement action was audited with a known probability"


def model(dbt, session):
    """One row per term; one with a reason alone where nothing can be estimated, or where a value is left out."""
    dbt.config(materialized="table")
    cells = dbt.ref("int_error_cells").order(", ".join(CELL)).df()
    cells = cells.astype({"error_weight": float, "weight": float})
    cells, left_out = _with_audited_approvals(cells)
    for name in PREDICTORS:
        audits = cells.groupby(name)["audits"].transform("sum")
        cells[name] = cells[name].where(audits >= LEAST_AUDITS, "(other)")
    varying = [name for name in PREDICTORS if cells[name].nunique() > 1]
    # Audits of a cell weigh differently: their mean weight, and as many errors as have the cell's weighted share.
    cells = cells.assign(
        mean_weight=cells["weight"] / cells["audits"],
        errors=cells["audits"] * (cells["error_weight"] / cells["weight"]).clip(upper=1),
    )
    found = logit(
        cells,
        "errors",
        varying,
        trials="audits",
        weights="mean_weight",
        errors="cluster",
        cluster="moderator_key",
    )
    found["adjusted_p_value"] = adjust(found["p_value"].where(found["term"] != "(intercept)"))
    first = {name: cells[name].min() for name in varying}
    found["compared_with"] = [first.get(str(term).split(": ")[0]) for term in found["term"]]
    found["moderators"] = [_moderators(cells, str(term)) for term in found["term"]]
    # A fit ends where its parameters move by less than 1e-9.
    return typed(pd.concat([found, left_out], ignore_index=True), COLUMNS, digits=9)


def _moderators(cells, term):
    """Those who have the value that a term is of; none for a term that is of no value."""
    name, _, value = term.partition(": ")
    return cells.loc[cells[name] == value, "moderator_key"].nunique() if name in PREDICTORS else None


def _with_audited_approvals(cells):
    """Cells without the values of which measures alone were audited: of those, errors are of other decisions."""
    left_out = []
    for name in PREDICTORS:
        sums = cells.groupby(name).agg(
            n=("audits", "sum"), approvals=("approvals", "sum"), n_clusters=("moderator_key", "nunique")
        )
        without = sums[sums["approvals"] == 0]
        cells = cells[~cells[name].isin(without.index)]
        left_out.append(without.reset_index().assign(term=name + ": " + without.index, reason=NO_APPROVALS))
    left_out = pd.concat(left_out)
    left_out = left_out.assign(moderators=left_out["n_clusters"])
    return cells.reset_index(drop=True), left_out[["term", "n", "n_clusters", "reason", "moderators"]]
