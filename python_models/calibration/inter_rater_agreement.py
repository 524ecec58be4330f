"""Agreement of each calibration session and round: reads label counts, calls plumbline.statistics."""

import pandas as pd

from plumbline.statistics.agreement import COLUMNS, agreement_from_counts

KEYS = ["session_id", "rating_round"]
DIGITS = 12


def model(dbt, session):
    """One row per session, round and coefficient."""
    dbt.config(materialized="table")
    counts = dbt.ref("int_calibration_item_labels").df().sort_values([*KEYS, "item_id", "label"])
    rows = [
        agreement_from_counts(ratings).assign(**dict(zip(KEYS, key, strict=True)))
        for key, ratings in counts.groupby(KEYS, sort=True)
    ]
    if not rows:
        return _typed(pd.DataFrame(columns=[*KEYS, *COLUMNS]))
    return _typed(pd.concat(rows, ignore_index=True))


def _typed(frame):
    numbers = ["estimate", "standard_error", "lower", "upper"]
    texts = ["session_id", "coefficient", "reason"]
    types = dict.fromkeys(numbers, "float64") | dict.fromkeys(texts, "string")
    types |= dict.fromkeys(["rating_round", "n_items", "n_raters"], "int64")
    return frame.astype(types).round(dict.fromkeys(numbers, DIGITS))[[*KEYS, *COLUMNS]]
