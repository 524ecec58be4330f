"""Tables of counts, and p-values that are many."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.stats import chi2_contingency
from statsmodels.stats.multitest import multipletests

from plumbline.statistics.frames import Array, counts, numbers, with_reason

ADJUSTMENTS = {"benjamini_hochberg": "fdr_bh", "holm": "holm"}


def chi_square(table: Any) -> pd.DataFrame:
    """Are rows and columns of a table of counts independent (Pearson), and how strongly not (Cramér's V)?

    Args:
        table: Counts, rows × columns; rows and columns without any are left out.

    Returns:
        One row: `statistic`, `df`, `p_value`, `cramers_v` (0 to 1), `least_expected` (under 5 the p-value is rough),
        `n`, `reason` (under two rows or columns with counts).

    Raises:
        ValueError: for what is no table of counts.
    """
    cells = np.asarray(table, dtype=object)
    if cells.ndim != 2:
        raise ValueError(f"table must have rows and columns, not shape {cells.shape}")
    observed = counts(cells, "table").reshape(cells.shape)
    observed = observed[observed.sum(axis=1) > 0][:, observed.sum(axis=0) > 0]
    columns = ["statistic", "df", "p_value", "cramers_v", "least_expected", "n", "reason"]
    row: dict[str, Any] = {"n": int(observed.sum())}
    if min(observed.shape) < 2:
        return with_reason([row | {"reason": "fewer than two rows or columns with counts"}], columns)
    result = chi2_contingency(observed, correction=False)
    strength = float(np.sqrt(result.statistic / observed.sum() / (min(observed.shape) - 1)))
    row |= {"statistic": float(result.statistic), "df": int(result.dof), "p_value": float(result.pvalue)}
    return with_reason([row | {"cramers_v": strength, "least_expected": float(result.expected_freq.min())}], columns)


def adjust(p_values: Any, *, method: Literal["benjamini_hochberg", "holm"] = "benjamini_hochberg") -> Array:
    """p-values corrected for being many; missing ones stay missing and do not count.

    Args:
        p_values: In any order.
        method: benjamini_hochberg (bounds the share of false findings among findings) or holm (bounds the chance of any
            false finding).

    Returns:
        Adjusted p-values in the order given.

    Raises:
        ValueError: for a value outside [0, 1] or that is no number, or an unknown method.
    """
    if method not in ADJUSTMENTS:
        raise ValueError(f"method must be one of {', '.join(ADJUSTMENTS)}, not {method}")
    given = np.ravel(np.asarray(p_values, dtype=object))
    there = ~pd.isna(given)
    values = np.full(len(given), np.nan)
    values[there] = numbers(given[there], "p_values")
    if ((values[there] < 0) | (values[there] > 1)).any():
        raise ValueError("p_values must lie between 0 and 1")
    adjusted = np.full(len(values), np.nan)
    if there.any():
        adjusted[there] = multipletests(values[there], method=ADJUSTMENTS[method])[1]
    return adjusted
