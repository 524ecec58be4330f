"""Precision, recall and calibration of models by threshold: reads sums by bin, calls plumbline.statistics."""

from plumbline.results import typed
from plumbline.statistics.proportions import weighted_interval

KEYS = ["quarter_starting_on", "model_version", "automation_level"]
SUMS = ["weight", "squared_weight", "violative_weight", "squared_violative_weight", "score_weight"]
SHARES = ["precision", "recall", "violative_share"]
COLUMNS = (
    {"quarter_starting_on": "day", "model_version": "text", "automation_level": "text", "audits": "count"}
    | {"threshold": "number", "flagged_share": "number", "mean_score": "number"}
    | {f"{share}{end}": "number" for share in SHARES for end in ("", "_lower", "_upper")}
)
# As int_detector_bins_daily has them.
BINS = 50


def model(dbt, session):
    """One row per quarter, model version, level of automation and threshold that a score reached."""
    dbt.config(materialized="table")
    bins = dbt.ref("int_detector_bins").order(", ".join([*KEYS, "score_bin"])).df()
    own = bins[SUMS].astype(float)
    by = [bins[key] for key in KEYS]
    # All that scores as much as the bin or more.
    above = own.iloc[::-1].groupby([key.iloc[::-1] for key in by]).cumsum().iloc[::-1]
    whole = own.groupby(by).transform("sum")
    found = bins.assign(
        threshold=bins["score_bin"] / BINS,
        flagged_share=above["weight"] / whole["weight"],
        mean_score=own["score_weight"] / own["weight"],
    )
    parts = {
        "precision": (above["violative_weight"], above["weight"], above["squared_weight"]),
        "recall": (above["violative_weight"], whole["violative_weight"], whole["squared_violative_weight"]),
        "violative_share": (own["violative_weight"], own["weight"], own["squared_weight"]),
    }
    for share, sums in parts.items():
        of_share = weighted_interval(*sums).set_axis([share, f"{share}_lower", f"{share}_upper"], axis=1)
        found = found.join(of_share)
    return typed(found, COLUMNS)
