"""Means beside each other: is there a difference, and between which groups."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit
from scipy.stats import studentized_range
from statsmodels.stats.libqsturng import qsturng
from statsmodels.stats.oneway import anova_generic

from plumbline.statistics.frames import (
    Array,
    check_confidence,
    counts,
    named,
    numbers,
    require_columns,
    require_keys,
    variances,
    with_reason,
)

TOO_FEW = "fewer than two groups of two values"
NO_VARIANCE = "no group varies"
T_TEST = ["group_1", "group_2", "estimate", "lower", "upper", "statistic", "df", "p_value", "reason"]


def anova(sample: pd.DataFrame, *, group: str = "group", value: str = "value") -> pd.DataFrame:
    """Do the means of groups differ, their variances taken as equal (one-way analysis of variance)?

    Args:
        sample: One row per value with its group; or one per group with `n`, `mean` and `variance` (of n - 1).
        group: Column of the group.
        value: Column of the value, if there is one.

    Returns:
        One row: `statistic` (F), `df_between`, `df_within`, `p_value`, `reason` (fewer than two groups of two values;
        no group varies). Groups of under two values are left out.

    Raises:
        ValueError: for a missing column, group or value, a group twice in sums, or a negative count or variance.
    """
    return _anova(_groups(sample, group, value), "equal")


def welch_anova(sample: pd.DataFrame, *, group: str = "group", value: str = "value") -> pd.DataFrame:
    """Do the means of groups differ, whatever their variances (Welch 1951)?

    Args:
        sample: As `anova`.
        group: Column of the group.
        value: Column of the value, if there is one.

    Returns:
        As `anova`; a reason, too, where a group does not vary.

    Raises:
        ValueError: as `anova`.
    """
    return _anova(_groups(sample, group, value), "unequal")


def t_test(
    sample: pd.DataFrame, *, group: str = "group", value: str = "value", confidence: float = 0.95
) -> pd.DataFrame:
    """The mean of the first of two groups, by name, less that of the second, whatever their variances (Welch 1947).

    Args:
        sample: As `anova`, of two groups.
        group: Column of the group.
        value: Column of the value, if there is one.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row: `group_1`, `group_2`, `estimate` (the difference), `lower`, `upper`, `statistic`, `df`, `p_value`,
        `reason`.

    Raises:
        ValueError: as `anova`, and for another number of groups than two.
    """
    check_confidence(confidence)
    groups = _groups(sample, group, value)
    if len(groups) != 2:
        raise ValueError(f"two groups are compared, not {len(groups)}")
    pair = _pairs(groups).iloc[0]
    row = {"group_1": pair["group_1"], "group_2": pair["group_2"], "estimate": pair["estimate"]}
    if groups["n"].min() < 2:
        return with_reason([row | {"reason": TOO_FEW}], T_TEST)
    if not pair["error"] > 0:
        return with_reason([row | {"reason": NO_VARIANCE}], T_TEST)
    statistic = pair["estimate"] / pair["error"]
    half = float(stdtrit(pair["df"], 0.5 + confidence / 2)) * pair["error"]
    row |= {
        "lower": pair["estimate"] - half,
        "upper": pair["estimate"] + half,
        "statistic": statistic,
        "df": pair["df"],
        "p_value": 2 * float(stdtr(pair["df"], -abs(statistic))),
    }
    return with_reason([row], T_TEST)


def pairwise(
    sample: pd.DataFrame,
    *,
    group: str = "group",
    value: str = "value",
    method: Literal["tukey", "games_howell"] = "games_howell",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Each group less each other, with intervals and p-values that hold for all pairs together.

    Args:
        sample: As `anova`.
        group: Column of the group.
        value: Column of the value, if there is one.
        method: games_howell (whatever the variances) or tukey (Tukey and Kramer: equal ones).
        confidence: Of all intervals together, strictly between 0 and 1.

    Returns:
        One row per pair of groups in order of name: `group_1`, `group_2`, `estimate` (first less second), `lower`,
        `upper`, `df`, `p_value`, `reason`. Groups of under two values are left out; no rows under two groups.

    Raises:
        ValueError: as `anova`, and for an unknown method.
    """
    check_confidence(confidence)
    if method not in ("tukey", "games_howell"):
        raise ValueError(f"method must be tukey or games_howell, not {method}")
    groups = _groups(sample, group, value)
    groups = groups[groups["n"] >= 2].reset_index(drop=True)
    columns = ["group_1", "group_2", "estimate", "lower", "upper", "df", "p_value", "reason"]
    if len(groups) < 2:
        return with_reason([], columns)
    pairs = _pairs(groups)
    if method == "tukey":
        within = float((groups["n"] - 1).sum())
        pooled = float(((groups["n"] - 1) * groups["variance"]).sum()) / within
        pairs["df"] = within
        pairs["error"] = np.sqrt(pooled * pairs["inverse_n"])
    varies = pairs["error"] > 0
    # The studentized range is of the root of half the variance of a difference.
    scaled = pairs["error"].where(varies) / np.sqrt(2)
    pairs["p_value"] = studentized_range.sf(pairs["estimate"].abs() / scaled, len(groups), pairs["df"])
    half = _studentized_range_quantile(confidence, len(groups), pairs["df"].to_numpy(float)) * scaled
    pairs["lower"], pairs["upper"] = pairs["estimate"] - half, pairs["estimate"] + half
    pairs["reason"] = pd.Series(NO_VARIANCE, index=pairs.index, dtype=object).mask(varies)
    return with_reason(pairs.to_dict("records"), columns)


def mean_interval(n: Any, total: Any, sum_of_squares: Any, *, confidence: float = 0.95) -> pd.DataFrame:
    """The mean of independent values with Student's t interval, of many groups at once.

    Args:
        n: Values in each group, one number or many.
        total: Their sum.
        sum_of_squares: The sum of their squares.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per group: `estimate`, `standard_error`, `lower`, `upper`; only the estimate of one value or of values
        that are all the same, which tell nothing of the error; nothing of none. Values that differ by less than a
        millionth of their mean look the same in sums of squares: take a constant off them first.

    Raises:
        ValueError: for a negative or missing count or sum of squares, a missing total, or sums that no values have.
    """
    check_confidence(confidence)
    size, squares, sums = counts(n, "n"), counts(sum_of_squares, "sum_of_squares"), numbers(total, "total")
    if not len(size) == len(squares) == len(sums):
        raise ValueError(f"{len(size)} numbers of n, {len(sums)} of total and {len(squares)} of sum_of_squares")
    estimate = np.divide(sums, size, out=np.full(len(size), np.nan), where=size > 0)
    spread = variances(size, sums, squares)
    error = np.sqrt(np.where((size > 1) & (spread > 0), spread, np.nan) / np.maximum(size, 1))
    half = stdtrit(np.maximum(size - 1, 1), 0.5 + confidence / 2) * error
    return pd.DataFrame(
        {"estimate": estimate, "standard_error": error, "lower": estimate - half, "upper": estimate + half}
    )


def _groups(sample: pd.DataFrame, group: str, value: str) -> pd.DataFrame:
    """`group`, `n`, `mean`, `variance`, sorted by group; from values or as given."""
    if value in sample.columns:
        require_keys(sample, group=group)
        values = pd.Series(numbers(sample[value], named(value, "value")))
        grouped = values.groupby(sample[group].to_numpy(), sort=True)
        found = pd.DataFrame({"n": grouped.size(), "mean": grouped.mean(), "variance": grouped.var(ddof=1)})
        # The same value again is no variance, whatever rounding makes of its mean.
        found["variance"] = found["variance"].where(grouped.nunique() > 1, 0.0)
        return found.rename_axis("group").reset_index()
    require_keys(sample, unique=True, group=group)
    require_columns(sample, ["n", "mean", "variance"])
    mean, variance = numbers(sample["mean"], "column mean"), counts(sample["variance"], "column variance")
    found = pd.DataFrame(
        {
            "group": sample[group].to_numpy(),
            "n": counts(sample["n"], "column n"),
            "mean": mean,
            "variance": np.where(variance > (1e-15 * mean) ** 2, variance, 0.0),
        }
    )
    return found.sort_values("group", ignore_index=True)


def _anova(groups: pd.DataFrame, use_var: str) -> pd.DataFrame:
    columns = ["statistic", "df_between", "df_within", "p_value", "reason"]
    groups = groups[groups["n"] >= 2]
    if len(groups) < 2:
        return with_reason([{"reason": TOO_FEW}], columns)
    if not (groups["variance"] > 0).any() or (use_var == "unequal" and not (groups["variance"] > 0).all()):
        return with_reason([{"reason": NO_VARIANCE if use_var == "equal" else "a group does not vary"}], columns)
    result = anova_generic(
        groups["mean"].to_numpy(), groups["variance"].to_numpy(), groups["n"].to_numpy(), use_var=use_var,
        welch_correction=True,
    )  # fmt: skip
    row = {
        "statistic": float(result.statistic),
        "df_between": float(result.df_num),
        "df_within": float(result.df_denom),
    }
    return with_reason([row | {"p_value": float(result.pvalue)}], columns)


def _pairs(groups: pd.DataFrame) -> pd.DataFrame:
    """Each pair of groups with its difference, Welch's standard error and degrees of freedom."""
    first, second = np.triu_indices(len(groups), 1)
    one, other = groups.iloc[first].reset_index(drop=True), groups.iloc[second].reset_index(drop=True)
    part_1, part_2 = one["variance"] / one["n"], other["variance"] / other["n"]
    squares = part_1**2 / (one["n"] - 1).clip(lower=1) + part_2**2 / (other["n"] - 1).clip(lower=1)
    return pd.DataFrame(
        {
            "group_1": one["group"],
            "group_2": other["group"],
            "estimate": one["mean"] - other["mean"],
            "error": np.sqrt(part_1 + part_2),
            "df": (part_1 + part_2) ** 2 / squares.where(squares > 0),
            "inverse_n": 1 / one["n"] + 1 / other["n"],
        }
    )


def _studentized_range_quantile(confidence: float, groups: int, df: Array) -> Array:
    """Within 1e-7 of SciPy's, which takes a quarter of a second each: an approximation, and one step of Newton's."""
    start = np.array([float(qsturng(confidence, groups, each)) if each > 1 else np.nan for each in df])
    below = 1 - confidence - studentized_range.sf(start, groups, df)
    quantile: Array = start - below / studentized_range.pdf(start, groups, df)
    return quantile
