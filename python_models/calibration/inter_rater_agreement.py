"""Agreement of raters by session, queue and month: reads label counts, calls plumbline.statistics."""

import pandas as pd

from plumbline.results import typed
from plumbline.statistics.agreement import agreement_from_counts, cohen_kappa

KEYS = ["slice_type", "slice", "rating_round", "period_start"]
COLUMNS = {
    "slice_type": "text",
    "slice": "text",
    "rating_round": "count",
    "period_start": "day",
    "coefficient": "text",
    "estimate": "number",
    "standard_error": "number",
    "lower": "number",
    "upper": "number",
    "n_items": "count",
    "n_raters": "count",
    "reason": "text",
}


def model(dbt, session):
    """One row per slice, round and coefficient."""
    dbt.config(materialized="table")
    items = dbt.ref("int_calibration_item_labels")
    raters = dbt.ref("int_calibration_rater_labels")
    pairs = dbt.ref("int_calibration_label_pairs")
    by_item, by_rater = _grouped(items, "item_id, label"), _grouped(raters, "rater_key, label")
    found = {
        key: [agreement_from_counts(ratings, by_rater[key], rater="rater_key")] for key, ratings in by_item.items()
    }
    for key, labels in _grouped(pairs, "earlier_label, label").items():
        table = labels.pivot(index="earlier_label", columns="label", values="ratings").fillna(0)
        every = sorted(set(table.index) | set(table.columns))
        stability = cohen_kappa(table.reindex(index=every, columns=every, fill_value=0))
        # Two rounds in the place of two raters.
        raters_of = by_rater[key]["rater_key"].nunique()
        found[key].append(stability.assign(coefficient="rating_stability", n_raters=raters_of))
    rows = [part.assign(**dict(zip(KEYS, key, strict=True))) for key, parts in found.items() for part in parts]
    return typed(pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(), COLUMNS)


def _grouped(relation, within):
    frame = relation.order(f"{', '.join(KEYS)}, {within}").df()
    return dict(list(frame.groupby(KEYS, sort=True)))
