"""What goes with errors, other things equal: reads counts by moderator and cell, calls plumbline.statistics."""

from plumbline.results import typed
from plumbline.statistics.comparison import adjust
from plumbline.statistics.regression import LOGIT, logit

CELL = ["moderator_key", "queue_id", "language", "site_id", "tenure", "day_kind"]
PREDICTORS = CELL[1:]
COLUMNS = dict.fromkeys([*LOGIT, "adjusted_p_value"], "number") | {"term": "text", "reason": "text"}
# Values of fewer audits than this are put together, else they would stand for single people.
LEAST_AUDITS = 100


def model(dbt, session):
    """One row per term; one with a reason alone where nothing can be estimated."""
    dbt.config(materialized="table")
    cells = dbt.ref("int_error_cells").order(", ".join(CELL)).df()
    for name in PREDICTORS:
        audits = cells.groupby(name)["audits"].transform("sum")
        cells[name] = cells[name].where(audits >= LEAST_AUDITS, "(other)")
    varying = [name for name in PREDICTORS if cells[name].nunique() > 1]
    found = logit(cells, "errors", varying, trials="audits", errors="cluster", cluster="moderator_key")
    found["adjusted_p_value"] = adjust(found["p_value"].where(found["term"] != "(intercept)"))
    # A fit ends where its parameters move by less than 1e-9.
    return typed(found, COLUMNS, digits=9)
