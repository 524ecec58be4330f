"""Sites and vendors two by two, raw and on the same work: reads sums by cell, calls plumbline.statistics."""

import pandas as pd

from plumbline.statistics.comparison import PAIRS, standardised_pairs

KEYS = ["quarter_starting_on", "group_type", "stage"]
TEXTS = ["group_type", "stage", "group_1", "group_2", "reason"]
LENIENT = ["leniently_audited_1", "leniently_audited_2"]
DIGITS = 12


def model(dbt, session):
    """One row per quarter, kind of group, stage and pair; corrected for the pairs of the quarter, kind and stage."""
    dbt.config(materialized="table")
    findings = dbt.ref("int_auditor_findings")
    strictness = dbt.ref("mart_auditor_strictness")
    ordered = dbt.ref("int_comparison_cells").order(", ".join([*KEYS, "member", "cell"])).df()
    numbers = ["right_weight", "judged_weight", "squared_weight"]
    cells = ordered.astype(dict.fromkeys(numbers, "float64"))
    # Audits of equal weight that would say as much.
    cells["audits"] = cells["judged_weight"] ** 2 / cells["squared_weight"]
    rows = [
        standardised_pairs(
            own, group="member", n="judged_weight", successes="right_weight", effective_n="audits"
        ).assign(**dict(zip(KEYS, key, strict=True)))
        for key, own in cells.groupby(KEYS, sort=True)
    ]
    frame = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=[*KEYS, *PAIRS])
    lenient = _leniently_audited(findings.df(), strictness.df())
    for column, group in zip(LENIENT, ("group_1", "group_2"), strict=True):
        frame[column] = [lenient.get(place, 0.0) for place in zip(frame["group_type"], frame[group], strict=True)]
    numbers = [*(name for name in PAIRS if name not in TEXTS), *LENIENT]
    frame = frame.astype(dict.fromkeys(numbers, "float64") | dict.fromkeys(TEXTS, "string"))
    frame = frame.assign(quarter_starting_on=pd.to_datetime(frame["quarter_starting_on"]).astype("datetime64[us]"))
    return frame.round(dict.fromkeys(numbers, DIGITS))[[*KEYS, *PAIRS, *LENIENT]]


def _leniently_audited(findings, strictness):
    """Of each site and vendor, the share of audits by who finds fewer errors than others in the same work."""
    lenient = strictness.loc[strictness["is_lenient"], "auditor_key"]
    audits = findings.assign(by_lenient=findings["audits"].where(findings["auditor_key"].isin(lenient), 0))
    shares = {}
    for group_type in ("site", "vendor"):
        sums = audits.groupby(f"{group_type}_id")[["by_lenient", "audits"]].sum()
        shares |= {(group_type, member): share for member, share in (sums["by_lenient"] / sums["audits"]).items()}
    return shares
