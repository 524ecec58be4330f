"""Shares with their intervals: of one sample, of two, of strata, of weighted audits, and behind auditors who err."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import expit, logit, stdtrit
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from plumbline.statistics.frames import (
    Array,
    check_confidence,
    counts,
    none_for_missing,
    numbers,
    probabilities,
    require_columns,
)

COLUMNS = ["estimate", "standard_error", "lower", "upper", "n", "effective_n", "reason"]
SUMS = ["n", "clusters", "weight", "weighted", "squared_weight", "cluster_yy", "cluster_yw", "cluster_ww"]
METHODS = {"wilson": "wilson", "clopper_pearson": "beta", "jeffreys": "jeffreys"}
# Below this the correction divides by so little that it magnifies noise more than it removes bias.
LEAST_YOUDEN = 0.2

NOTHING = "nothing was sampled"
ONE_CLUSTER = "one cluster gives no standard error"
WEAK_AUDITORS = "sensitivity and specificity add to less than 1.2"
IMPOSSIBLE = "outside 0 to 1: sensitivity and specificity do not fit what was observed"


def interval(
    successes: Any,
    n: Any,
    *,
    method: Literal["wilson", "clopper_pearson", "jeffreys"] = "wilson",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The share of successes in independent trials, with its interval.

    Wilson's covers the stated share on average, Clopper-Pearson's always at least, Jeffreys' is the Bayesian interval
    of the prior Beta(1/2, 1/2), an end at 0 or 1 where there is no success or nothing else (Brown, Cai, DasGupta 2001).
    Not for weighted or clustered audits: see `weighted`.

    Args:
        successes: One count or many, not above `n`.
        n: Trials, one count or many.
        method: wilson, clopper_pearson or jeffreys.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row per element: `estimate`, `lower`, `upper`; all missing where `n` is 0.

    Raises:
        ValueError: for a negative or missing count, more successes than trials, an unknown method or confidence.
    """
    check_confidence(confidence)
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method}")
    hits, trials = _trials(successes, n)
    some = trials > 0
    estimate = np.divide(hits, trials, out=np.full(len(trials), np.nan), where=some)
    bounds = np.full((2, len(trials)), np.nan)
    if some.any():
        bounds[:, some] = proportion_confint(hits[some], trials[some], alpha=1 - confidence, method=METHODS[method])
    # Rounding must not put a bound on the wrong side of what was seen.
    lower = np.where(hits == 0, np.where(some, 0.0, np.nan), np.minimum(bounds[0], estimate))
    upper = np.where(hits == trials, np.where(some, 1.0, np.nan), np.maximum(bounds[1], estimate))
    return pd.DataFrame({"estimate": estimate, "lower": lower, "upper": upper})


def difference(successes_1: Any, n_1: Any, successes_2: Any, n_2: Any, *, confidence: float = 0.95) -> pd.DataFrame:
    """The first share less the second, of independent samples, with Newcombe's hybrid score interval (1998, method 10).

    Args:
        successes_1: Of the first sample, one count or many.
        n_1: Trials of the first sample.
        successes_2: Of the second sample.
        n_2: Trials of the second sample.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row per element: `estimate`, `lower`, `upper`; all missing where a sample is empty.

    Raises:
        ValueError: as `interval`, and when the samples differ in length.
    """
    check_confidence(confidence)
    (hits_1, trials_1), (hits_2, trials_2) = _trials(successes_1, n_1), _trials(successes_2, n_2)
    if len(trials_1) != len(trials_2):
        raise ValueError(f"{len(trials_1)} first samples and {len(trials_2)} second ones")
    some = (trials_1 > 0) & (trials_2 > 0)
    found = pd.DataFrame(np.nan, index=range(len(some)), columns=["estimate", "lower", "upper"])
    if some.any():
        first, second = (hits_1[some], trials_1[some]), (hits_2[some], trials_2[some])
        bounds = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff", alpha=1 - confidence)
        found.loc[some, "estimate"] = first[0] / first[1] - second[0] / second[1]
        found.loc[some, "lower"], found.loc[some, "upper"] = bounds
    return found


def stratified(
    strata: pd.DataFrame,
    *,
    stratum: str = "stratum",
    population: str = "population",
    sampled: str = "sampled",
    successes: str = "successes",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The share of a population of known strata, each sampled at random without replacement.

    Strata weigh by their population; the variance has the finite-population correction (Cochran, Sampling Techniques,
    3rd edition, 1977, chapter 5). The interval is on the scale of the logit, with degrees of freedom of Satterthwaite.

    Args:
        strata: One row per stratum: its name, its population, how many were sampled, and successes among them.
        stratum: Column of the name.
        population: Column of the population.
        sampled: Column of the number sampled.
        successes: Column of the successes.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row: `estimate`, `standard_error`, `lower`, `upper`, `n`, `effective_n`, `reason`. Strata without population
        are passed over; one that has some and was not sampled, or not twice and not whole, leaves no estimate or no
        interval, and the reason says which.

    Raises:
        ValueError: for a missing column, a stratum twice, a count that is negative or missing, more sampled than there
            are, or more successes than sampled.
    """
    check_confidence(confidence)
    require_columns(strata, [stratum, population, sampled, successes])
    if strata[stratum].duplicated().any():
        raise ValueError(f"column {stratum} names a stratum twice")
    size = counts(strata[population], f"column {population}")
    hits, n = _trials(strata[successes], strata[sampled])
    if (n > size).any():
        raise ValueError(f"a stratum has more in {sampled} than in {population}")
    means = pd.DataFrame({"stratum": strata[stratum].to_numpy(), "population": size, "sampled": n, "total": hits})
    # Of ones and zeros, the sum of squares is the sum.
    row = _stratified_mean(means.assign(sum_of_squares=hits))
    return _frame([_on_logit(row, confidence) if row["reason"] is None else row])


def mean_stratified(
    sample: pd.DataFrame,
    *,
    stratum: str = "stratum",
    population: str = "population",
    value: str = "value",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The mean of a quantity over a population of known strata, each sampled at random without replacement.

    Args:
        sample: One row per sampled unit with its stratum, the population of that stratum, and the value; or one row per
            stratum with `sampled`, `total` and `sum_of_squares` in the place of the value.
        stratum: Column of the stratum.
        population: Column of its population.
        value: Column of the value.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        As `stratified`, with Student's t interval; `effective_n` is missing.

    Raises:
        ValueError: for a missing column or value, a stratum with two populations or with more sampled than that.
    """
    check_confidence(confidence)
    require_columns(sample, [stratum, population])
    if value in sample.columns:
        if sample.groupby(stratum)[population].nunique(dropna=False).gt(1).any():
            raise ValueError(f"a stratum has two values of {population}")
        values = pd.Series(numbers(sample[value], f"column {value}"), index=sample.index)
        frame = sample.assign(sampled=1.0, total=values, sum_of_squares=values**2)
        keyed = frame.groupby([stratum, population], sort=True)[["sampled", "total", "sum_of_squares"]].sum()
        sums = keyed.reset_index()
    else:
        require_columns(sample, ["sampled", "total", "sum_of_squares"])
        sums = sample
    sums = pd.DataFrame(
        {
            "stratum": sums[stratum].to_numpy(),
            "population": counts(sums[population], f"column {population}"),
            "sampled": counts(sums["sampled"], "column sampled"),
            "total": numbers(sums["total"], "column total"),
            "sum_of_squares": counts(sums["sum_of_squares"], "column sum_of_squares"),
        }
    )
    if (sums["sampled"] > sums["population"]).any():
        raise ValueError(f"a stratum has more sampled than {population}")
    row = _stratified_mean(sums)
    if row["reason"] is None:
        half = float(stdtrit(row["degrees"], 0.5 + confidence / 2)) * row["standard_error"]
        row |= {"lower": row["estimate"] - half, "upper": row["estimate"] + half}
    return _frame([row | {"effective_n": np.nan}])


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
        One row as `weighted_from_sums` gives.

    Raises:
        ValueError: for a missing column, a value other than 0 and 1, or a weight that is not positive.
    """
    check_confidence(confidence)
    require_columns(sample, [value, weight, *[name for name in (stratum, cluster) if name]])
    hit = numbers(sample[value], f"column {value}")
    if not np.isin(hit, (0, 1)).all():
        raise ValueError(f"column {value} must hold 0 and 1")
    w = numbers(sample[weight], f"column {weight}")
    if (w <= 0).any():
        raise ValueError(f"column {weight} must be above 0")
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
    of_cluster = moved.groupby(sample[cluster].to_numpy() if cluster else np.arange(len(units))).sum()
    sums = {
        "n": len(units),
        "clusters": len(of_cluster),
        "weight": w.sum(),
        "weighted": units["y"].sum(),
        "squared_weight": (w**2).sum(),
        "cluster_yy": (of_cluster["y"] ** 2).sum(),
        "cluster_yw": (of_cluster["y"] * of_cluster["w"]).sum(),
        "cluster_ww": (of_cluster["w"] ** 2).sum(),
    }
    return weighted_from_sums(pd.DataFrame([sums]), confidence=confidence)


def weighted_from_sums(sums: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Hájek's ratio with its interval for many slices at once, from what SQL has summed by slice.

    With y the weight of the successes of a cluster and w its weight, the variance is c / (c - 1) × Σ(y - p w)² / W²,
    which needs of the clusters only Σyy, Σyw and Σww. The interval is on the scale of the logit, Student's t on one
    degree of freedom less than clusters. Where all or none succeed, that scale has no interval and nothing tells how
    alike clusters are: Clopper-Pearson's then, on the effective number of audits after Kish.

    Args:
        sums: One row per slice: `n` audits, `clusters`, `weight` (sum of weights), `weighted` (of the successes),
            `squared_weight` (sum of squared weights), `cluster_yy`, `cluster_yw`, `cluster_ww`.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per row, in order: `estimate`, `standard_error`, `lower`, `upper`, `n`, `effective_n` (of a simple
        random sample that would be as exact), `reason` (nothing sampled; one cluster, which gives no error).

    Raises:
        ValueError: for a missing column, or a sum that is negative or missing where there are audits.
    """
    check_confidence(confidence)
    require_columns(sums, SUMS)
    n, clusters, weight, hit, squared, yy, yw, ww = (
        counts(sums[name].fillna(0), f"column {name}") if name != "cluster_yw" else numbers(sums[name].fillna(0), name)
        for name in SUMS
    )
    some = (n > 0) & (weight > 0)
    share = np.clip(np.divide(hit, weight, out=np.full(len(n), np.nan), where=some), 0, 1)
    estimable = some & (clusters > 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Rounding of decimal sums may leave a hair below zero.
        spread = np.maximum(yy - 2 * share * yw + share**2 * ww, 0)
        variance = np.where(estimable, clusters / (clusters - 1) * spread / weight**2, np.nan)
        kish = np.where(some, weight**2 / squared, np.nan)
        inner = estimable & (share > 0) & (share < 1) & (variance > 0)
        half = stdtrit(np.maximum(clusters - 1, 1), 0.5 + confidence / 2) * np.sqrt(variance) / (share * (1 - share))
        lower = np.where(inner, expit(logit(np.where(inner, share, 0.5)) - half), np.nan)
        upper = np.where(inner, expit(logit(np.where(inner, share, 0.5)) + half), np.nan)
        effective = np.where(inner, share * (1 - share) / variance, kish)
    flat = estimable & ~inner & ((share == 0) | (share == 1))
    if flat.any():
        exact = interval(share[flat] * kish[flat], kish[flat], method="clopper_pearson", confidence=confidence)
        lower[flat], upper[flat] = exact["lower"], exact["upper"]
    reason = pd.Series(NOTHING, index=range(len(n)), dtype=object).mask(some, ONE_CLUSTER)
    return pd.DataFrame(
        {
            "estimate": share,
            "standard_error": np.sqrt(variance),
            "lower": lower,
            "upper": upper,
            "n": n.astype(int),
            "effective_n": np.where(estimable, effective, np.nan),
            "reason": none_for_missing(reason.mask(estimable)),
        }
    )[COLUMNS]


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
    counts([observed_variance, sensitivity_variance, specificity_variance], "variances")
    youden = sensitivity + specificity - 1
    if youden < LEAST_YOUDEN:
        return _corrected([{"reason": WEAK_AUDITORS}])
    estimate = (observed + specificity - 1) / youden
    variance = (
        observed_variance + estimate**2 * sensitivity_variance + (1 - estimate) ** 2 * specificity_variance
    ) / youden**2
    return _corrected([_normal(estimate, variance, confidence)])


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
        ValueError: for a missing column, a share outside [0, 1], shares that do not add to 1, an arm twice.
    """
    check_confidence(confidence)
    by = list(by)
    require_columns(arms, [*by, "is_positive", "share", "observed", "observed_variance"])
    counts([sensitivity_variance, specificity_variance], "variances")
    probabilities([sensitivity, specificity], "sensitivity and specificity")
    frame = arms[by].assign(
        is_positive=arms["is_positive"].astype(bool).to_numpy(),
        share=counts(arms["share"], "column share"),
        observed=counts(arms["observed"], "column observed"),
        variance=counts(arms["observed_variance"], "column observed_variance"),
    )
    frame = frame.assign(all="all") if not by else frame
    keys = by or ["all"]
    if (frame["observed"] > 1).any() or frame.duplicated([*keys, "is_positive"]).any():
        raise ValueError("arms must be one of measures and one of none, observed a share")
    if (abs(frame.groupby(keys)["share"].sum() - 1) > 1e-9).any():
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
    slices = moved.groupby(keys, sort=True).sum().reset_index()
    if youden < LEAST_YOUDEN:
        rows = [{"reason": WEAK_AUDITORS}] * len(slices)
    else:
        variances = (
            slices["own"]
            + slices["by_sensitivity"] ** 2 * sensitivity_variance
            + slices["by_specificity"] ** 2 * specificity_variance
        )
        rows = [_normal(*pair, confidence) for pair in zip(slices["estimate"], variances, strict=True)]
    return pd.concat([slices[by], _corrected(rows)], axis=1)


def _trials(successes: Any, n: Any) -> tuple[Array, Array]:
    hits, trials = counts(successes, "successes"), counts(n, "n")
    if len(hits) != len(trials):
        raise ValueError(f"{len(hits)} numbers of successes and {len(trials)} of trials")
    if (hits > trials * (1 + 1e-12)).any():
        raise ValueError("there are more successes than trials")
    return np.minimum(hits, trials), trials


def _stratified_mean(strata: pd.DataFrame) -> dict[str, Any]:
    """Estimate, standard error and Satterthwaite's degrees of freedom, or the reason why there are none."""
    strata = strata[strata["population"] > 0]
    row: dict[str, Any] = {"n": int(strata["sampled"].sum()), "reason": None}
    if strata.empty or row["n"] == 0:
        return row | {"reason": NOTHING}
    if (strata["sampled"] == 0).any():
        missing = ", ".join(map(str, strata.loc[strata["sampled"] == 0, "stratum"]))
        return row | {"reason": f"not sampled: {missing}"}
    n, size = strata["sampled"], strata["population"]
    share = size / size.sum()
    row["estimate"] = float((share * strata["total"] / n).sum())
    alone = (n < 2) & (n < size)
    if alone.any():
        return row | {"reason": f"sampled once: {', '.join(map(str, strata.loc[alone, 'stratum']))}"}
    within = ((strata["sum_of_squares"] - strata["total"] ** 2 / n) / (n - 1).clip(lower=1)).clip(lower=0)
    parts = share**2 * (1 - n / size) * within / n
    row["standard_error"] = float(np.sqrt(parts.sum()))
    squares = float((parts**2 / (n - 1).clip(lower=1)).sum())
    row["degrees"] = float(parts.sum()) ** 2 / squares if squares > 0 else float(row["n"] - 1)
    row["shares"], row["sampled"] = share.to_numpy(), n.to_numpy()
    return row


def _on_logit(row: dict[str, Any], confidence: float) -> dict[str, Any]:
    share, error = row["estimate"], row["standard_error"]
    if 0 < share < 1 and error > 0:
        half = float(stdtrit(row["degrees"], 0.5 + confidence / 2)) * error / (share * (1 - share))
        bounds = {"lower": expit(logit(share) - half), "upper": expit(logit(share) + half)}
        return row | bounds | {"effective_n": share * (1 - share) / error**2}
    kish = float(1 / (row["shares"] ** 2 / row["sampled"]).sum())
    exact = interval(share * kish, kish, method="clopper_pearson", confidence=confidence).iloc[0]
    return row | {"lower": exact["lower"], "upper": exact["upper"], "effective_n": kish}


def _normal(estimate: float, variance: float, confidence: float) -> dict[str, Any]:
    """Estimate and interval cut to [0, 1]; left as they are, with a reason, where all of the interval lies outside."""
    half = -float(stdtrit(np.inf, (1 - confidence) / 2)) * float(np.sqrt(variance))
    lower, upper = estimate - half, estimate + half
    row = {"estimate": estimate, "standard_error": float(np.sqrt(variance)), "lower": lower, "upper": upper}
    # Rounding alone must not put a share of one outside.
    if lower > 1 + 1e-9 or upper < -1e-9:
        return row | {"reason": IMPOSSIBLE}
    return row | {name: min(max(row[name], 0.0), 1.0) for name in ("estimate", "lower", "upper")}


def _corrected(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return _frame(rows)[["estimate", "standard_error", "lower", "upper", "reason"]]


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame = frame.astype(dict.fromkeys(["estimate", "standard_error", "lower", "upper", "effective_n"], float))
    return frame.assign(reason=none_for_missing(frame["reason"]))
