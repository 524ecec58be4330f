"""Who finds more or fewer errors than others in the same work: reads counts by cell, calls plumbline.statistics."""

import pandas as pd

from plumbline.statistics.comparison import PAIRS, adjust, standardised_pairs

COLUMNS = ["auditor_key", "audits", "days", *PAIRS[2:]]
OWN, OTHERS = "1 own", "2 others"
DIGITS = 12


def model(dbt, session):
    """One row per auditor: errors found, less what all others found in the same sites and queues."""
    dbt.config(materialized="table")
    findings = dbt.ref("int_auditor_findings").order("auditor_key, vendor_id, cell").df()
    # A site that changed its vendor is one cell.
    by = findings.groupby(["auditor_key", "cell"])
    cells = by.agg(audits=("audits", "sum"), errors=("errors", "sum"), days=("days", "max")).reset_index()
    whole = cells.groupby("cell")[["audits", "errors"]].sum()
    rows = []
    for auditor, own in cells.groupby("auditor_key", sort=True):
        own = own.set_index("cell")[["audits", "errors", "days"]]
        others = (whole - own[["audits", "errors"]].reindex(whole.index, fill_value=0)).query("audits > 0")
        both = pd.concat([own.assign(group=OWN), others.assign(group=OTHERS)]).rename_axis("cell").reset_index()
        if both["group"].nunique() == 2:
            pair = standardised_pairs(both, n="audits", successes="errors")
            # A day in several cells is counted in each: the most of one cell is sure.
            rows.append(pair.assign(auditor_key=auditor, audits=own["audits"].sum(), days=own["days"].max()))
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=COLUMNS)
    found["adjusted_p_value"] = adjust(found["p_value"])
    texts = ["auditor_key", "reason"]
    numbers = [name for name in PAIRS[2:] if name not in texts]
    types = dict.fromkeys(numbers, "float64") | dict.fromkeys(texts, "string")
    found = found.astype(types | {"audits": "int64", "days": "int64"})
    return found.round(dict.fromkeys(numbers, DIGITS))[COLUMNS]
