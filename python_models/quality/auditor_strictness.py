"""Who finds more or fewer errors than others in the same work: reads counts by cell, calls plumbline.statistics."""

from plumbline.results import typed
from plumbline.statistics.comparison import against_others

COLUMNS = {
    "auditor_key": "text",
    "audits": "count",
    "days": "count",
    "raw_difference": "number",
    "raw_lower": "number",
    "raw_upper": "number",
    "estimate": "number",
    "standard_error": "number",
    "lower": "number",
    "upper": "number",
    "overlap": "number",
    "p_value": "number",
    "adjusted_p_value": "number",
    "reason": "text",
}


def model(dbt, session):
    """One row per auditor: errors found, less what all others found in the same kind of decision."""
    dbt.config(materialized="table")
    findings = dbt.ref("int_auditor_findings").order("auditor_key, vendor_id, cell").df()
    # A site that changed its vendor is one cell.
    cells = findings.groupby(["auditor_key", "cell"])[["audits", "errors"]].sum().reset_index()
    found = against_others(cells, group="auditor_key", n="audits", successes="errors")
    days = findings.groupby("auditor_key")["days"].first()
    return typed(
        found.assign(days=found["group"].map(days)).rename(columns={"group": "auditor_key", "n": "audits"}), COLUMNS
    )
