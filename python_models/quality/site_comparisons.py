"""Sites and vendors two by two, raw and on the same work: reads sums by cell, calls plumbline.statistics."""

import pandas as pd

from plumbline.results import typed
from plumbline.statistics.comparison import PAIRS, standardised_pairs

KEYS = ["quarter_starting_on", "group_type", "stage"]
LENIENT = {"group_1": "leniently_audited_1", "group_2": "leniently_audited_2"}
COLUMNS = {"quarter_starting_on": "day", "group_type": "text", "stage": "text"} | {
    name: "text" if name in ("group_1", "group_2", "reason") else "number" for name in [*PAIRS, *LENIENT.values()]
}


def model(dbt, session):
    """One row per quarter, kind of group, stage and pair; corrected for the pairs of the quarter, kind and stage."""
    dbt.config(materialized="table")
    findings = dbt.ref("int_auditor_findings")
    strictness = dbt.ref("mart_auditor_strictness")
    cells = dbt.ref("int_comparison_cells").order(", ".join([*KEYS, "member", "cell"])).df()
    rows = [
        standardised_pairs(
            own, group="member", n="judged_weight", successes="correct_weight", effective_n="audits"
        ).assign(**dict(zip(KEYS, key, strict=True)))
        for key, own in cells.groupby(KEYS, sort=True)
    ]
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(COLUMNS))
    lenient = _leniently_audited(findings.df(), strictness.df())
    for group, column in LENIENT.items():
        places = pd.MultiIndex.from_frame(found[["group_type", group]])
        found[column] = lenient.reindex(places).fillna(0.0).to_numpy()
    return typed(found, COLUMNS)


def _leniently_audited(findings, strictness):
    """Of each site and vendor, the share of audits by who finds fewer errors than others in the same work."""
    lenient = strictness.loc[strictness["is_lenient"], "auditor_key"]
    audits = findings.assign(by_lenient=findings["audits"].where(findings["auditor_key"].isin(lenient), 0))
    sums = pd.concat(
        {kind: audits.groupby(f"{kind}_id")[["by_lenient", "audits"]].sum() for kind in ("site", "vendor")}
    )
    return sums["by_lenient"] / sums["audits"]
