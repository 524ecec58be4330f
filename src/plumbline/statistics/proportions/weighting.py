"""Shares from samples of unequal probabilities whose units go together."""

import numpy as np
import pandas as pd
from scipy.special import expit, logit, stdtrit

from plumbline.statistics.frames import (
    Array,
    check_confidence,
    counts,
    named,
    none_for_missing,
    numbers,
    require_columns,
    require_keys,
)
from plumbline.statistics.proportions.intervals import interval

SUMS = ["clusters", "weight", "weighted", "squared_weight", "cluster_yy", "cluster_yw", "cluster_ww"]
NOTHING = "nothing was sampled"
ONE_CLUSTER = "one cluster gives no standard error"
LONE_CLUSTER = "one cluster has over nine tenths of the weight: the others tell too little of the error"
NO_SPREAD = "clusters, within strata if given, have the same share: their spread gives no standard error"
# (Σw)² / Σw² over clusters, of which one has nine tenths of the weight.
LEAST_CLUSTERS = 1.2


def weighted(
    sample: pd.DataFrame,
    *,
    value: str = "value",
    weight: str = "weight",
    stratum: str | None = None,
    cluster: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The share of successes from a sample of unequal probabilities: Hájek's ratio of weighted sums.

    The variance is linearised: what each unit adds to the ratio, taken from the mean of its stratum where strata are
    given, summed by cluster where units of one cluster (a moderator's decisions) go together. Clusters may lie across
    strata. Source: Särndal, Swensson and Wretman, Model Assisted Survey Sampling, 1992, chapters 5 and 7.

    Args:
        sample: One row per sampled unit.
        value: Column of the value, 0 or 1.
        weight: Column of the weight, one over the inclusion probability.
        stratum: Column of the stratum, if the sample was drawn by strata of fixed sizes.
        cluster: Column of the cluster; each unit its own unless given.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row as `weighted_from_sums` gives, and `n`.

    Raises:
        ValueError: for a missing column, stratum or cluster, a value other than 0 and 1, or a weight that is missing or
            not above 0.
    """
    check_confidence(confidence)
    require_columns(sample, [value, weight])
    require_keys(sample, stratum=stratum, cluster=cluster)
    hit = numbers(sample[value], named(value, "value"))
    if not np.isin(hit, (0, 1)).all():
        raise ValueError(f"{named(value, 'value')} must hold 0 and 1")
    w = numbers(sample[weight], named(weight, "weight"))
    if (w <= 0).any():
        raise ValueError(f"{named(weight, 'weight')} must be above 0")
    units = pd.DataFrame({"y": w * hit, "w": w})
    moved = units.copy()
    if stratum is not None and len(units):
        by_stratum = sample[stratum].to_numpy()
        in_stratum = units.groupby(by_stratum)["w"].transform("size")
        factor = np.sqrt(in_stratum / (in_stratum - 1))
        centred = (units - units.groupby(by_stratum).transform("mean")).mul(factor, axis=0)
        # A stratum of one has no spread to be taken from: its unit is kept as it is, which errs to the safe side.
        moved = centred.where(in_stratum > 1, units)
        if cluster is None:  # what `weighted_from_sums` corrects once for all clusters is corrected by stratum here
            moved = moved * np.sqrt((len(units) - 1) / len(units))
    by_cluster = sample[cluster].to_numpy() if cluster else np.arange(len(units))
    of_cluster = moved.groupby(by_cluster).sum()
    sums = {
        "clusters": len(of_cluster),
        "weight": w.sum(),
        "weighted": units["y"].sum(),
        "squared_weight": (w**2).sum(),
        "cluster_yy": (of_cluster["y"] ** 2).sum(),
        "cluster_yw": (of_cluster["y"] * of_cluster["w"]).sum(),
        "cluster_ww": (of_cluster["w"] ** 2).sum(),
    }
    heaviest = (units["w"].groupby(by_cluster).sum() ** 2).sum()
    found = _estimated({name: np.array([float(part)]) for name, part in sums.items()}, np.array([heaviest]), confidence)
    return found.assign(n=len(units))


def weighted_from_sums(sums: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Hájek's ratio with its interval for many slices at once, from what SQL has summed by slice.

    With y the weight of the successes of a cluster and w its weight, the variance is c / (c - 1) × Σ(y - p w)² / W²,
    which needs of the clusters only Σyy, Σyw and Σww. The interval is on the scale of the logit, Student's t on one
    degree of freedom less than clusters. Where all or none succeed, that scale has no interval and nothing tells how
    alike clusters are: Clopper-Pearson's then, on the effective number of audits after Kish.

    Args:
        sums: One row per slice: `clusters`, `weight` (sum of weights), `weighted` (of the successes),
            `squared_weight` (sum of squared weights), `cluster_yy`, `cluster_yw`, `cluster_ww`.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per row, in order: `estimate`, `standard_error`, `lower`, `upper`, `effective_n` (of a simple random
        sample that would be as exact), `reason` (nothing sampled; one cluster, one with over nine tenths of the weight,
        or clusters that all have the same share, which give no error).

    Raises:
        ValueError: for a missing column, a sum that is negative, or one that is missing where others are not, and for
            more weight of successes than weight.
    """
    check_confidence(confidence)
    require_columns(sums, SUMS)
    # A slice without audits has nothing to sum.
    is_empty = sums[SUMS].apply(pd.to_numeric, errors="coerce").fillna(0).eq(0).all(axis=1)
    there = {name: sums[name].mask(is_empty, 0) for name in SUMS}
    parts = {
        name: numbers(values, "column cluster_yw") if name == "cluster_yw" else counts(values, f"column {name}")
        for name, values in there.items()
    }
    if (parts["weighted"] > parts["weight"] * (1 + 1e-9)).any():
        raise ValueError("column weighted must not be above column weight: successes are part of all")
    return _estimated(parts, parts["cluster_ww"], confidence)


def _estimated(sums: dict[str, Array], squared_clusters: Array, confidence: float) -> pd.DataFrame:
    """As `weighted_from_sums`, with the sum of the squared weights of clusters, which strata leave as they are."""
    clusters, weight, hit, squared, yy, yw, ww = (sums[name] for name in SUMS)
    some = weight > 0
    share = np.clip(np.divide(hit, weight, out=np.full(len(weight), np.nan), where=some), 0, 1)
    is_whole = (share == 0) | (share == 1)
    lone = some & (clusters > 1) & (weight**2 < LEAST_CLUSTERS * squared_clusters)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = yy - 2 * share * yw + share**2 * ww
        # What rounding leaves of no spread, or takes from it, is none.
        spread = np.where(spread > 1e-12 * (yy + share**2 * ww), spread, 0.0)
        alike = some & (clusters > 1) & ~is_whole & (spread == 0)
        estimable = some & (clusters > 1) & ~lone & ~alike
        variance = np.where(estimable, clusters / (clusters - 1) * spread / weight**2, np.nan)
        kish = np.where(some, weight**2 / squared, np.nan)
        inner = estimable & ~is_whole
        half = stdtrit(np.maximum(clusters - 1, 1), 0.5 + confidence / 2) * np.sqrt(variance) / (share * (1 - share))
        lower = np.where(inner, expit(logit(np.where(inner, share, 0.5)) - half), np.nan)
        upper = np.where(inner, expit(logit(np.where(inner, share, 0.5)) + half), np.nan)
        effective = np.where(inner, share * (1 - share) / variance, kish)
    flat = estimable & is_whole
    if flat.any():
        exact = interval(share[flat] * kish[flat], kish[flat], method="clopper_pearson", confidence=confidence)
        lower[flat], upper[flat] = exact["lower"], exact["upper"]
    reason = pd.Series(NOTHING, index=range(len(weight)), dtype=object).mask(some, ONE_CLUSTER)
    reason = reason.mask(alike, NO_SPREAD).mask(lone, LONE_CLUSTER).mask(estimable)
    return pd.DataFrame(
        {
            "estimate": share,
            "standard_error": np.sqrt(variance),
            "lower": lower,
            "upper": upper,
            "effective_n": np.where(estimable, effective, np.nan),
            "reason": none_for_missing(reason),
        }
    )
