"""Shares and means of a population of known strata, each sampled at random without replacement."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit, stdtrit

from plumbline.statistics.frames import (
    check_confidence,
    counts,
    named,
    none_for_missing,
    numbers,
    require_columns,
    require_keys,
    trials,
    variances,
)
from plumbline.statistics.proportions.intervals import interval

COLUMNS = ["estimate", "standard_error", "lower", "upper", "n", "effective_n", "reason"]
NOTHING = "nothing was sampled"
NO_SPREAD = "values do not vary within strata: their spread gives no standard error"


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
        ValueError: for a missing column, a stratum that is missing or given twice, a count that is negative or missing,
            more sampled than there are, or more successes than sampled.
    """
    check_confidence(confidence)
    require_keys(strata, unique=True, stratum=stratum)
    require_columns(strata, [population, sampled, successes])
    size = counts(strata[population], named(population, "population"))
    hits, n = trials(strata[successes], strata[sampled], named(successes, "successes"), named(sampled, "sampled"))
    if (n > size).any():
        raise ValueError(f"a stratum has more in {sampled} than in {population}")
    means = pd.DataFrame({"stratum": strata[stratum].to_numpy(), "population": size, "sampled": n, "total": hits})
    # Of ones and zeros, the sum of squares is the sum.
    row = _stratified_mean(means.assign(variance=variances(n, hits, hits)))
    return _frame(_on_logit(row, confidence) if row["reason"] is None else row)


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
        As `stratified`, with Student's t interval; `effective_n` is missing. Where values vary in no stratum that was
        sampled in part, there is an estimate and a reason: values that are all the same tell nothing of the error.

    Raises:
        ValueError: for a missing column or value, a stratum that is missing, with two populations, or with more sampled
            than that; of sums, a stratum twice, or a sum of squares that its total cannot have.
    """
    check_confidence(confidence)
    sums = _of_values(sample, stratum, population, value) if value in sample else _of_sums(sample, stratum, population)
    if (sums["sampled"] > sums["population"]).any():
        raise ValueError(f"a stratum has more sampled than {population}")
    row = _stratified_mean(sums)
    if row["reason"] is None and row["standard_error"] == 0 and (sums["sampled"] < sums["population"]).any():
        row |= {"standard_error": np.nan, "reason": NO_SPREAD}
    if row["reason"] is None:
        half = float(stdtrit(row["degrees"], 0.5 + confidence / 2)) * row["standard_error"]
        row |= {"lower": row["estimate"] - half, "upper": row["estimate"] + half}
    return _frame(row | {"effective_n": np.nan})


def _of_values(sample: pd.DataFrame, stratum: str, population: str, value: str) -> pd.DataFrame:
    """Of each stratum `stratum`, `population`, `sampled`, `total`, `variance`."""
    require_keys(sample, stratum=stratum)
    require_columns(sample, [population])
    units = pd.DataFrame(
        {
            "stratum": sample[stratum].to_numpy(),
            "population": counts(sample[population], named(population, "population")),
            "value": numbers(sample[value], named(value, "value")),
        }
    )
    by = units.groupby("stratum", sort=True)
    if by["population"].nunique().gt(1).any():
        raise ValueError(f"a stratum has two values of {population}")
    # From the mean, so that large values close to each other keep their digits; the same value again is no spread.
    variance = by["value"].var(ddof=1).fillna(0.0).where(by["value"].nunique() > 1, 0.0)
    found = {"population": by["population"].first(), "sampled": by.size(), "total": by["value"].sum()}
    return pd.DataFrame(found | {"variance": variance}).reset_index()


def _of_sums(sums: pd.DataFrame, stratum: str, population: str) -> pd.DataFrame:
    """The same from sums."""
    require_keys(sums, unique=True, stratum=stratum)
    require_columns(sums, [population, "sampled", "total", "sum_of_squares"])
    sampled, total = counts(sums["sampled"], "column sampled"), numbers(sums["total"], "column total")
    squares = counts(sums["sum_of_squares"], "column sum_of_squares")
    return pd.DataFrame(
        {
            "stratum": sums[stratum].to_numpy(),
            "population": counts(sums[population], named(population, "population")),
            "sampled": sampled,
            "total": total,
            "variance": variances(sampled, total, squares),
        }
    )


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
    parts = share**2 * (1 - n / size) * strata["variance"] / n
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


def _frame(row: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame([row], columns=COLUMNS)
    frame = frame.astype(dict.fromkeys(["estimate", "standard_error", "lower", "upper", "effective_n"], float))
    return frame.assign(reason=none_for_missing(frame["reason"]))
