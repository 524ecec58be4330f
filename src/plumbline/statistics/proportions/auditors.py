"""Shares behind auditors who err: what they say, corrected by how well they see."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from plumbline.statistics.frames import (
    Array,
    check_confidence,
    counts,
    none_for_missing,
    numbers,
    probabilities,
    require_columns,
    require_keys,
    trials,
)
from plumbline.statistics.proportions.intervals import smoothed

NUMBERS = ["estimate", "standard_error", "lower", "upper"]
SEEN = ["sensitivity", "specificity"]
PARTS = {"": "estimate", "_variance": "variance"}
ERRORS = [*SEEN, *[f"{name}_variance" for name in SEEN]]
# Below this the correction divides by so little that it magnifies noise more than it removes bias.
LEAST_YOUDEN = 0.2
# 0.6 + 0.6 - 1 is a hair below 0.2.
ROUNDING = 1e-12

WEAK_AUDITORS = "sensitivity and specificity add to less than 1.2"
# Gold items of either kind under which what auditors see is not known well enough to correct by.
LEAST_ITEMS = 30
POOL = "(pool)"
IMPOSSIBLE = "outside 0 to 1: sensitivity and specificity do not fit what was observed"


def rogan_gladen(
    observed: float,
    sensitivity: float,
    specificity: float,
    *,
    observed_variance: float = 0.0,
    sensitivity_variance: float = 0.0,
    specificity_variance: float = 0.0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The true share of positives behind those that auditors of known error call positive (Rogan and Gladen 1978).

    (observed + specificity - 1) / (sensitivity + specificity - 1), its error carried by first order. For a share of
    positives, never for an accuracy: an accuracy is not what auditors observe.

    Args:
        observed: Share called positive.
        sensitivity: Share of true positives that auditors call so.
        specificity: Share of true negatives that auditors call so.
        observed_variance: Of the estimate of `observed`; 0 where it is known.
        sensitivity_variance: Of the estimate of `sensitivity`.
        specificity_variance: Of the estimate of `specificity`.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row: `estimate`, `standard_error`, `lower`, `upper` (normal), `reason`. Estimate and interval are cut to
        [0, 1]; where all of the interval lies outside, nothing is cut, and the reason says so. No estimate where
        sensitivity and specificity add to less than 1.2.

    Raises:
        ValueError: for a share outside [0, 1] or a negative variance.
    """
    check_confidence(confidence)
    for name, share in (("observed", observed), ("sensitivity", sensitivity), ("specificity", specificity)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name} must lie between 0 and 1, not {share}")
    counts(observed_variance, "observed_variance")
    counts(sensitivity_variance, "sensitivity_variance")
    counts(specificity_variance, "specificity_variance")
    youden = sensitivity + specificity - 1
    if youden < LEAST_YOUDEN - ROUNDING:
        return pd.DataFrame([dict.fromkeys(NUMBERS, np.nan) | {"reason": WEAK_AUDITORS}])
    estimate = (observed + specificity - 1) / youden
    variance = (
        observed_variance + estimate**2 * sensitivity_variance + (1 - estimate) ** 2 * specificity_variance
    ) / youden**2
    return _within_bounds(pd.Series([estimate]), pd.Series([variance]), confidence)


def auditor_errors(
    items: pd.DataFrame, *, group: str = "group", least_items: int = LEAST_ITEMS, pool: str = POOL
) -> pd.DataFrame:
    """How well auditors see, by items whose answer is known: of each group with enough of them, and of all together.

    Half an item found and half a missed one are added to each kind: all found is not all there is to find.

    Args:
        items: One row per group: `violative` and `non_violative` items that were audited, `violative_found` and
            `non_violative_found` of them that auditors called so.
        group: Column of the group, such as a policy group.
        least_items: Items of either kind under which a group, or the pool, is left out.
        pool: Name of the row of all groups together.

    Returns:
        One row per group by name, the pool last, with the group as its index: `sensitivity`, `specificity`,
        `sensitivity_variance`, `specificity_variance`, `violative`, `non_violative`. No rows where the pool is too
        small.

    Raises:
        ValueError: for a missing column or group, a group twice, a group with the pool's name, more found than there
            are.
    """
    kinds = ["violative", "non_violative"]
    found = [f"{kind}_found" for kind in kinds]
    require_columns(items, [group, *kinds, *found])
    require_keys(items, unique=True, group=group)
    for kind in kinds:
        trials(items[f"{kind}_found"], items[kind], f"column {kind}_found", f"column {kind}")
    if (items[group] == pool).any():
        raise ValueError(f"a group has the name of all together, {pool}")
    sums = items.set_index(group)[[*kinds, *found]].astype(float).sort_index()
    sums.loc[pool] = sums.sum()
    sums = sums[(sums[kinds] >= least_items).all(axis=1)]
    seen = {name: smoothed(sums[f"{kind}_found"], sums[kind]) for name, kind in zip(SEEN, kinds, strict=True)}
    columns = {f"{name}{end}": own[of].to_numpy() for name, own in seen.items() for end, of in PARTS.items()}
    return pd.DataFrame(columns, index=sums.index)[ERRORS].join(sums[kinds])


def accuracy_given_auditor_error(
    arms: pd.DataFrame,
    sensitivity: "float | pd.Series[float]",
    specificity: "float | pd.Series[float]",
    *,
    by: Sequence[str] = (),
    group: str | None = None,
    sensitivity_variance: "float | pd.Series[float]" = 0.0,
    specificity_variance: "float | pd.Series[float]" = 0.0,
    accuracy_variance: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The accuracy of decisions behind audits that err: each arm of decisions corrected by itself, then put together.

    Among decisions that took a measure, and among those that took none, the share that auditors call violative is
    corrected by Rogan and Gladen; the accuracy is the share of true positives in the one and of true negatives in the
    other. Where auditors see one group of decisions (a policy group) better than another, each group's arms are
    corrected by what is known of that group. The auditors' error is shared by all arms of a group, and so is its
    uncertainty; the arms' shares are taken as known.

    Args:
        arms: One row per arm, or per group and arm: `is_positive` (the decision took a measure), `share` (of all
            decisions, adding to 1), `observed` (share that auditors call violative) and `observed_variance` (of that
            estimate; not asked for with `accuracy_variance`).
        sensitivity: Share of truly violative content that auditors call so; with `group`, by the group as its index.
        specificity: Share of other content that auditors call so, likewise.
        by: Columns of `arms` that name a slice, where there are arms of several.
        group: Column of `arms`: the group of decisions that auditors see alike.
        sensitivity_variance: Of the estimate of `sensitivity`, likewise; 0 where it is known.
        specificity_variance: Of the estimate of `specificity`, likewise.
        accuracy_variance: Column of the variance of the share of all the slice that auditors find right, the same in
            each of its rows. Audits of one moderator go together whatever the arm, which variances arm by arm miss: the
            corrected accuracy is what auditors find, stretched by 1 / (sensitivity + specificity - 1), and its
            sampling error is stretched as much.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row per slice, as `rogan_gladen`, after the columns of `by`; no estimate where sensitivity and specificity
        of any of its groups add to less than 1.2.

    Raises:
        ValueError: for a missing column, slice or group, a group of which nothing is known, `is_positive` other than
            true and false, a share outside [0, 1], shares that do not add to 1, an arm twice.
    """
    check_confidence(confidence)
    frame = _checked_arms(arms, list(by), group, accuracy_variance)
    seen = (sensitivity, specificity, sensitivity_variance, specificity_variance)
    for name, value in zip(ERRORS, seen, strict=True):
        frame[name] = _of_group(value, frame["group"])
        (probabilities if name in SEEN else counts)(frame[name], name)
    keys = [*by] or ["all"]
    slices = _put_together(frame, keys)
    found = _within_bounds(slices["estimate"], slices["variance"], confidence)
    found.loc[slices["is_weak"], NUMBERS] = np.nan
    found["reason"] = found["reason"].mask(slices["is_weak"], WEAK_AUDITORS)
    return found.reset_index()[[*by, *NUMBERS, "reason"]]


def accuracy_by_known_auditors(
    arms: pd.DataFrame,
    seen: pd.DataFrame,
    *,
    by: Sequence[str],
    group: str = "group",
    pool: str = POOL,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """`accuracy_given_auditor_error` of sums of weighted audits, by what `auditor_errors` knows of each group.

    A group of which too little is known is corrected by the pool. The sampling error is that of the accuracy that
    auditors find, half a success and half a failure added: all right is not all there is to find.

    Args:
        arms: One row per slice, group and arm: `is_positive`, `weight` of its audits and `violative_weight` of those
            that auditors call violative; and of the slice, the same in each of its rows, the `accuracy` that auditors
            find and its `effective_n`.
        seen: As `auditor_errors` returns it, the pool among its rows.
        by: Columns of `arms` that name a slice.
        group: Column of the group.
        pool: Name of the pool in `seen`.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        As `accuracy_given_auditor_error`, and `pooled_estimate` (every group corrected by the pool) and `pooled_share`
        (of the weight, what was corrected by the pool).

    Raises:
        ValueError: for a missing column, slice or group, no row of the pool, a weight below nought or less than its
            violative part, an arm twice.
    """
    require_columns(arms, [*by, group, "is_positive", "weight", "violative_weight", "accuracy", "effective_n"])
    require_columns(seen, ERRORS)
    for name in by:
        require_keys(arms, by=name)
    require_keys(arms, group=group)
    numbers(arms["is_positive"], "column is_positive")
    for name in ERRORS:
        counts(seen[name], f"column {name}")
    trials(arms["violative_weight"], arms["weight"], "column violative_weight", "column weight")
    if arms.duplicated([*by, group, "is_positive"]).any():
        raise ValueError("arms must be one of measures and one of none, once each group")
    if pool not in seen.index:
        raise ValueError(f"nothing is known of all auditors together: no row {pool}")
    n = counts(arms["effective_n"], "column effective_n")
    variance = smoothed(probabilities(arms["accuracy"], "column accuracy") * n, n)["variance"]
    known = arms[group].astype(object)
    frame = arms.assign(variance=variance.to_numpy(), known_by=known.where(known.isin(seen.index), pool))
    frame = frame.astype({"weight": float, "violative_weight": float})
    found = _given_seen(frame, seen, list(by), confidence)
    found["pooled_estimate"] = _given_seen(frame.assign(known_by=pool), seen, list(by), confidence)["estimate"]
    sums = frame.assign(pooled=frame["weight"].where(frame["known_by"] == pool, 0.0)).groupby(list(by), observed=True)
    pooled = sums[["pooled", "weight"]].sum()
    return found.assign(pooled_share=(pooled["pooled"] / pooled["weight"]).to_numpy())


def _given_seen(arms: pd.DataFrame, seen: pd.DataFrame, by: list[str], confidence: float) -> pd.DataFrame:
    sums = {"weight": "sum", "violative_weight": "sum", "variance": "first"}
    parts = arms.groupby([*by, "known_by", "is_positive"], as_index=False, observed=True).agg(sums)
    parts = parts.assign(
        share=parts["weight"] / parts.groupby(by, observed=True)["weight"].transform("sum"),
        # Sums of decimals as floats are above one by a hair.
        observed=(parts["violative_weight"] / parts["weight"]).clip(upper=1),
    )
    return accuracy_given_auditor_error(
        parts,
        seen["sensitivity"],
        seen["specificity"],
        by=by,
        group="known_by",
        sensitivity_variance=seen["sensitivity_variance"],
        specificity_variance=seen["specificity_variance"],
        accuracy_variance="variance",
        confidence=confidence,
    )


def _put_together(arms: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """By slice: the corrected accuracy, its variance, and whether auditors of any of its groups see too little."""
    youden = arms["sensitivity"] + arms["specificity"] - 1
    is_weak = youden < LEAST_YOUDEN - ROUNDING
    # What cannot be corrected must not divide by nought.
    youden = youden.mask(is_weak)
    # A true share of violations moves the accuracy up among measures and down among the rest.
    sign = np.where(arms["is_positive"], 1.0, -1.0)
    violative = (arms["observed"] + arms["specificity"] - 1) / youden
    moved = arms[[*keys, "group", "sensitivity_variance", "specificity_variance", "accuracy_variance"]].assign(
        estimate=arms["share"] * np.where(sign > 0, violative, 1 - violative),
        sampled=arms["share"] ** 2 * arms["observed_variance"] / youden**2,
        stretch=arms["share"] / youden,
        by_sensitivity=-arms["share"] * sign * violative / youden,
        by_specificity=arms["share"] * sign * (1 - violative) / youden,
        is_weak=is_weak,
    )
    # What is not known of a group's auditors moves all its arms together.
    shared = moved.groupby([*keys, "group"], observed=True)[["by_sensitivity", "by_specificity"]].transform("sum") ** 2
    is_first = ~moved.duplicated([*keys, "group"])
    moved["known"] = (
        shared["by_sensitivity"] * moved["sensitivity_variance"]
        + shared["by_specificity"] * moved["specificity_variance"]
    ).where(is_first, 0.0)
    sums = moved.groupby(keys, sort=True, observed=True)[["estimate", "sampled", "stretch", "known"]].sum(min_count=1)
    rest = moved.groupby(keys, sort=True, observed=True).agg(
        accuracy=("accuracy_variance", "first"), is_weak=("is_weak", "any")
    )
    variance = sums["sampled"] + rest["accuracy"] * sums["stretch"] ** 2 + sums["known"]
    return sums[["estimate"]].assign(variance=variance, is_weak=rest["is_weak"])


def _checked_arms(arms: pd.DataFrame, by: list[str], group: str | None, accuracy_variance: str | None) -> pd.DataFrame:
    """The arms with a slice (`all` where there is one only), a group, and a variance of one kind, the other nought."""
    variance = accuracy_variance or "observed_variance"
    require_columns(arms, ["is_positive", "share", "observed", variance])
    for name in by:
        require_keys(arms, by=name)
    require_keys(arms, group=group)
    is_positive = numbers(arms["is_positive"], "column is_positive")
    if not np.isin(is_positive, (0, 1)).all():
        raise ValueError("column is_positive must hold true and false")
    frame = arms[by].assign(
        group=arms[group].to_numpy() if group else POOL,
        is_positive=is_positive == 1,
        share=counts(arms["share"], "column share"),
        observed=counts(arms["observed"], "column observed"),
        accuracy_variance=0.0,
        observed_variance=0.0,
    )
    frame["accuracy_variance" if accuracy_variance else "observed_variance"] = counts(
        arms[variance], f"column {variance}"
    )
    frame = frame.assign(all="all") if not by else frame
    keys = by or ["all"]
    if (frame["observed"] > 1).any() or frame.duplicated([*keys, "group", "is_positive"]).any():
        raise ValueError("arms must be one of measures and one of none, observed a share")
    if (abs(frame.groupby(keys, observed=True)["share"].sum() - 1) > 1e-9).any():
        raise ValueError("the shares of the arms must add to 1")
    return frame


def _of_group(value: Any, groups: "pd.Series[Any]") -> Array:
    """One number for all rows, or that of each row's group."""
    if not isinstance(value, pd.Series):
        return np.full(len(groups), float(value))
    if unknown := sorted(set(groups) - set(value.index)):
        raise ValueError(f"nothing is known of how auditors see: {', '.join(map(str, unknown))}")
    return value.loc[groups].to_numpy(float)


def _within_bounds(estimate: "pd.Series[float]", variance: "pd.Series[float]", confidence: float) -> pd.DataFrame:
    """Normal intervals cut to [0, 1]; left as they are, with a reason, where all of the interval lies outside."""
    error = np.sqrt(variance)
    half = float(ndtri((1 + confidence) / 2)) * error
    found = pd.DataFrame({"estimate": estimate, "lower": estimate - half, "upper": estimate + half})
    # Rounding alone must not put a share of one outside.
    outside = (found["lower"] > 1 + 1e-9) | (found["upper"] < -1e-9)
    reason = pd.Series(IMPOSSIBLE, index=found.index, dtype=object).where(outside)
    found = found.where(outside, found.clip(0, 1), axis=0)
    return found.assign(standard_error=error, reason=none_for_missing(reason))[[*NUMBERS, "reason"]]
