"""Agreement between raters, from counts of labels per item."""

import numpy as np
import pandas as pd
from scipy.special import stdtrit

COLUMNS = ["coefficient", "estimate", "standard_error", "lower", "upper", "n_items", "n_raters", "reason"]


def agreement_from_counts(
    item_label: pd.DataFrame,
    *,
    item: str = "item_id",
    label: str = "label",
    count: str = "ratings",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Agreement among raters, who may differ from item to item, from how often each item was given each label.

    Percent agreement is the mean, over items rated at least twice, of the share of pairs of ratings that agree. Its
    standard error treats the items as drawn from a large population and lets items with one rating enlarge it; the
    interval is Student's t on one degree of freedom less than items, cut to [0, 1].
    Source: Gwet, Handbook of Inter-Rater Reliability, 4th edition, 2014; figures as in the author's R package irrCAC.

    Args:
        item_label: One row per item and label, in columns `item`, `label` and `count` (ratings, not negative).
        item: Column of the item.
        label: Column of the label.
        count: Column of the number of ratings.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row per coefficient: `coefficient`, `estimate`, `standard_error`, `lower`, `upper` (shares), `n_items`
        (with any rating), `n_raters` (the most that any item has), `reason` (why something is missing, else None).
        Too few items or ratings give a row with a reason, not an error.

    Raises:
        ValueError: when a column is missing, a count is negative or no number, an item and label occur twice, or
            `confidence` is out of range.
    """
    ratings = _item_by_label(item_label, item, label, count)
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    per_item = ratings.sum(axis=1)
    ratings, per_item = ratings[per_item > 0], per_item[per_item > 0]
    n_items, n_raters = len(per_item), int(per_item.max()) if len(per_item) else 0
    paired = (per_item >= 2).to_numpy()
    row = {"coefficient": "percent_agreement", "n_items": n_items, "n_raters": n_raters}
    if not paired.any():
        return _frame({**row, "reason": "no item was rated twice"})
    agreeing = np.zeros(n_items)
    pairs = per_item * (per_item - 1)
    agreeing[paired] = ((ratings * (ratings - 1)).sum(axis=1) / pairs.where(pairs > 0))[paired]
    estimate = float(agreeing[paired].mean())
    if paired.sum() < 2:
        return _frame({**row, "estimate": estimate, "reason": "one item rated twice gives no standard error"})
    scaled = agreeing * n_items / paired.sum()
    standard_error = float(np.sqrt(((scaled - estimate) ** 2).sum() / (n_items * (n_items - 1))))
    half = float(stdtrit(n_items - 1, 0.5 + confidence / 2)) * standard_error
    return _frame(
        {
            **row,
            "estimate": estimate,
            "standard_error": standard_error,
            "lower": max(0.0, estimate - half),
            "upper": min(1.0, estimate + half),
        }
    )


def _item_by_label(frame: pd.DataFrame, item: str, label: str, count: str) -> pd.DataFrame:
    """Items × labels, zero where an item was never given a label."""
    missing = [name for name in (item, label, count) if name not in frame.columns]
    if missing:
        raise ValueError(f"missing columns: {', '.join(missing)}; there are: {', '.join(map(str, frame.columns))}")
    counts = pd.to_numeric(frame[count], errors="coerce")
    if counts.isna().any() or (counts < 0).any() or not np.isfinite(counts).all():
        raise ValueError(f"column {count} must hold counts, not negative and not missing")
    if frame.duplicated([item, label]).any():
        raise ValueError(f"an item and label occur in more than one row: sum {count} first")
    wide = frame.assign(**{count: counts.astype(float)}).pivot(index=item, columns=label, values=count)
    return wide.fillna(0.0).sort_index()


def _frame(row: dict[str, object]) -> pd.DataFrame:
    numbers = {name: row.get(name, np.nan) for name in ("estimate", "standard_error", "lower", "upper")}
    return pd.DataFrame([{**row, **numbers, "reason": row.get("reason")}], columns=COLUMNS)
