"""Shares of independent trials: of one sample and of two."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from plumbline.statistics.frames import check_confidence, counts, trials

METHODS = {"wilson": "wilson", "clopper_pearson": "beta", "jeffreys": "jeffreys"}


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
    hits, size = trials(successes, n)
    some = size > 0
    estimate = np.divide(hits, size, out=np.full(len(size), np.nan), where=some)
    bounds = np.full((2, len(size)), np.nan)
    if some.any():
        bounds[:, some] = proportion_confint(hits[some], size[some], alpha=1 - confidence, method=METHODS[method])
    # Rounding must not put a bound on the wrong side of what was seen.
    lower = np.where(hits == 0, np.where(some, 0.0, np.nan), np.minimum(bounds[0], estimate))
    upper = np.where(hits == size, np.where(some, 1.0, np.nan), np.maximum(bounds[1], estimate))
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
    hits_1, trials_1 = trials(successes_1, n_1, "successes_1", "n_1")
    hits_2, trials_2 = trials(successes_2, n_2, "successes_2", "n_2")
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


def weighted_interval(successes: Any, weight: Any, squared_weight: Any, *, confidence: float = 0.95) -> pd.DataFrame:
    """The share of weighted successes of independent units: Wilson's interval on Kish's effective number of units.

    As many units of equal weight as would say as much: (Σw)² / Σw². Not for units that go together: see `weighted`.

    Args:
        successes: Sum of the weights of the successes, one number or many.
        weight: Sum of all weights.
        squared_weight: Sum of squared weights; of units of weight 1, their number.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row per element: `estimate`, `lower`, `upper`; all missing where there is no weight.

    Raises:
        ValueError: as `interval`, and for a sum of squared weights that its weight cannot have.
    """
    hits, total = trials(successes, weight, "successes", "weight")
    squares = counts(squared_weight, "squared_weight")
    if len(squares) != len(total):
        raise ValueError(f"{len(total)} numbers of weight and {len(squares)} of squared_weight")
    if ((total > 0) & (squares == 0)).any() or (squares > total**2 * (1 + 1e-9)).any():
        raise ValueError("squared_weight must be above 0 where there is weight, and at most its square")
    n = np.divide(total**2, squares, out=np.zeros(len(total)), where=squares > 0)
    share = np.divide(hits, total, out=np.zeros(len(total)), where=total > 0)
    return interval(share * n, n, confidence=confidence)


def smoothed(successes: Any, n: Any) -> pd.DataFrame:
    """A share and its variance with half a success and half a failure added: none found is not none there.

    Args:
        successes: One count or many, not above `n`.
        n: Trials, or as many of equal weight as would say as much.

    Returns:
        One row per element: `estimate`, `variance`; a half with the variance of one trial where `n` is 0.

    Raises:
        ValueError: for a negative or missing count, or more successes than trials.
    """
    hits, size = trials(successes, n)
    share = (hits + 0.5) / (size + 1)
    return pd.DataFrame({"estimate": share, "variance": share * (1 - share) / (size + 1)})
