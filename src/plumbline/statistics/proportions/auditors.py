"""Shares behind auditors who err: what they say, corrected by how well they see."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from plumbline.statistics.frames import (
    check_confidence,
    counts,
    none_for_missing,
    numbers,
    probabilities,
    require_columns,
    require_keys,
)

NUMBERS = ["estimate", "standard_error", "lower", "upper"]
# Below this the correction divides by so little that it magnifies noise more than it removes bias.
LEAST_YOUDEN = 0.2

WEAK_AUDITORS = "sensitivity and specificity add to less than 1.2"
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
    if youden < LEAST_YOUDEN:
        return pd.DataFrame([dict.fromkeys(NUMBERS, np.nan) | {"reason": WEAK_AUDITORS}])
    estimate = (observed + specificity - 1) / youden
    variance = (
        observed_variance + estimate**2 * sensitivity_variance + (1 - estimate) ** 2 * specificity_variance
    ) / youden**2
    return _within_bounds(pd.Series([estimate]), pd.Series([variance]), confidence)


def accuracy_given_auditor_error(
    arms: pd.DataFrame,
    sensitivity: float,
    specificity: float,
    *,
    by: Sequence[str] = (),
    sensitivity_variance: float = 0.0,
    specificity_variance: float = 0.0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The accuracy of decisions behind audits that err: each arm of decisions corrected by itself, then put together.

    Among decisions that took a measure, and among those that took none, the share that auditors call violative is
    corrected by Rogan and Gladen; the accuracy is the share of true positives in the one and of true negatives in the
    other. The auditors' error is shared by both arms, and so is its uncertainty; the arms' shares are taken as known.

    Args:
        arms: One row per arm: `is_positive` (the decision took a measure), `share` (of all decisions, adding to 1),
            `observed` (share that auditors call violative) and `observed_variance` (of that estimate).
        sensitivity: Share of truly violative content that auditors call so.
        specificity: Share of other content that auditors call so.
        by: Columns of `arms` that name a slice, where there are arms of several.
        sensitivity_variance: Of the estimate of `sensitivity`; 0 where it is known.
        specificity_variance: Of the estimate of `specificity`.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row per slice, as `rogan_gladen`, after the columns of `by`; no estimate where sensitivity and specificity
        add to less than 1.2.

    Raises:
        ValueError: for a missing column or slice, `is_positive` other than true and false, a share outside [0, 1],
            shares that do not add to 1, an arm twice.
    """
    check_confidence(confidence)
    by = list(by)
    require_columns(arms, ["is_positive", "share", "observed", "observed_variance"])
    for name in by:
        require_keys(arms, by=name)
    is_positive = numbers(arms["is_positive"], "column is_positive")
    if not np.isin(is_positive, (0, 1)).all():
        raise ValueError("column is_positive must hold true and false")
    counts(sensitivity_variance, "sensitivity_variance")
    counts(specificity_variance, "specificity_variance")
    probabilities(sensitivity, "sensitivity")
    probabilities(specificity, "specificity")
    frame = arms[by].assign(
        is_positive=is_positive == 1,
        share=counts(arms["share"], "column share"),
        observed=counts(arms["observed"], "column observed"),
        variance=counts(arms["observed_variance"], "column observed_variance"),
    )
    frame = frame.assign(all="all") if not by else frame
    keys = by or ["all"]
    if (frame["observed"] > 1).any() or frame.duplicated([*keys, "is_positive"]).any():
        raise ValueError("arms must be one of measures and one of none, observed a share")
    if (abs(frame.groupby(keys, observed=True)["share"].sum() - 1) > 1e-9).any():
        raise ValueError("the shares of the arms must add to 1")
    youden = sensitivity + specificity - 1
    # A true share of violations moves the accuracy up among measures and down among the rest.
    sign = np.where(frame["is_positive"], 1.0, -1.0)
    violative = (frame["observed"] + specificity - 1) / youden
    moved = frame[keys].assign(
        estimate=frame["share"] * np.where(sign > 0, violative, 1 - violative),
        own=frame["share"] ** 2 * frame["variance"] / youden**2,
        by_sensitivity=-frame["share"] * sign * violative / youden,
        by_specificity=frame["share"] * sign * (1 - violative) / youden,
    )
    slices = moved.groupby(keys, sort=True, observed=True).sum().reset_index()
    if youden < LEAST_YOUDEN:
        return slices[by].assign(**dict.fromkeys(NUMBERS, np.nan), reason=WEAK_AUDITORS)
    variance = (
        slices["own"]
        + slices["by_sensitivity"] ** 2 * sensitivity_variance
        + slices["by_specificity"] ** 2 * specificity_variance
    )
    return pd.concat([slices[by], _within_bounds(slices["estimate"], variance, confidence)], axis=1)


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
