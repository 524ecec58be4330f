"""Precision, recall and calibration of models by threshold: reads sums by bin, calls plumbline.statistics."""

import pandas as pd

from plumbline.statistics.proportions import interval

KEYS = ["quarter_starting_on", "model_version", "automation_level"]
SUMS = ["audits", "weight", "squared_weight", "violative_weight", "squared_violative_weight", "score_weight"]
NUMBERS = [
    "threshold",
    "precision",
    "precision_lower",
    "precision_upper",
    "recall",
    "recall_lower",
    "recall_upper",
    "flagged_share",
    "mean_score",
    "violative_share",
    "violative_share_lower",
    "violative_share_upper",
]
COLUMNS = [*KEYS, "audits", *NUMBERS]
DIGITS = 12
BINS = 50


def model(dbt, session):
    """One row per quarter, model version, level of automation and threshold that a score reached."""
    dbt.config(materialized="table")
    bins = dbt.ref("int_detector_bins").order(", ".join([*KEYS, "score_bin"])).df()
    bins = bins.astype(dict.fromkeys(SUMS, "float64"))
    # All that scores as much as the bin or more.
    above = bins.iloc[::-1].groupby(KEYS, sort=False)[SUMS].cumsum().iloc[::-1]
    whole = bins.groupby(KEYS)[SUMS].transform("sum")
    found = bins[KEYS].assign(audits=bins["audits"], threshold=bins["score_bin"] / BINS)
    found = _with_share(found, "precision", above["violative_weight"], above["weight"], above["squared_weight"])
    found = _with_share(
        found, "recall", above["violative_weight"], whole["violative_weight"], whole["squared_violative_weight"]
    )
    found = _with_share(found, "violative_share", bins["violative_weight"], bins["weight"], bins["squared_weight"])
    found = found.assign(
        flagged_share=above["weight"] / whole["weight"], mean_score=bins["score_weight"] / bins["weight"]
    )
    texts = ["model_version", "automation_level"]
    found = found.reindex(columns=COLUMNS).astype(
        dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(texts, "string") | {"audits": "int64"}
    )
    found = found.assign(quarter_starting_on=pd.to_datetime(found["quarter_starting_on"]).astype("datetime64[us]"))
    return found.round(dict.fromkeys(NUMBERS, DIGITS))


def _with_share(found, name, successes, weight, squared_weight):
    """The share with Wilson's interval on as many audits of equal weight as would say as much."""
    n = (weight**2 / squared_weight).fillna(0.0).to_numpy()
    share = (successes / weight).clip(upper=1).fillna(0.0).to_numpy()
    of_share = interval(share * n, n).set_index(found.index)
    return found.assign(
        **{name: of_share["estimate"], f"{name}_lower": of_share["lower"], f"{name}_upper": of_share["upper"]}
    )
