"""Agreement of raters by session, queue and month: reads label counts, calls plumbline.statistics."""

import pandas as pd

from plumbline.statistics.agreement import COLUMNS, agreement_from_counts, cohen_kappa

KEYS = ["slice_type", "slice", "rating_round", "period_start"]
NUMBERS = ["estimate", "standard_error", "lower", "upper"]
DIGITS = 12


def model(dbt, session):
    """One row per slice, round and coefficient."""
    dbt.config(materialized="table")
    items = dbt.ref("int_calibration_item_labels")
    raters = dbt.ref("int_calibration_rater_labels")
    pairs = dbt.ref("int_calibration_label_pairs")
    by_item = items.order(", ".join([*KEYS, "item_id", "label"])).df()
    by_rater = _grouped(raters.order(", ".join([*KEYS, "rater_key", "label"])).df())
    rows = [
        agreement_from_counts(ratings, by_rater[key], rater="rater_key").assign(**dict(zip(KEYS, key, strict=True)))
        for key, ratings in _grouped(by_item).items()
    ]
    for key, labels in _grouped(pairs.order(", ".join([*KEYS, "earlier_label", "label"])).df()).items():
        table = labels.pivot(index="earlier_label", columns="label", values="ratings").fillna(0)
        every = sorted(set(table.index) | set(table.columns))
        stability = cohen_kappa(table.reindex(index=every, columns=every, fill_value=0)).assign(n_raters=1)
        rows.append(stability.assign(coefficient="rating_stability", **dict(zip(KEYS, key, strict=True))))
    return _typed(pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=[*KEYS, *COLUMNS]))


def _grouped(frame):
    return dict(list(frame.groupby(KEYS, sort=True)))


def _typed(frame):
    texts = ["slice_type", "slice", "coefficient", "reason"]
    types = dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(texts, "string")
    types |= dict.fromkeys(["rating_round", "n_items", "n_raters"], "int64")
    frame = frame.astype(types).round(dict.fromkeys(NUMBERS, DIGITS))
    return frame.assign(period_start=pd.to_datetime(frame["period_start"]).astype("datetime64[us]"))[[*KEYS, *COLUMNS]]
