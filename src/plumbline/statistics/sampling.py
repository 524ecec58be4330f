"""How many to sample, how to share them out over strata, and which ones: drawn so that anybody can draw them again."""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from plumbline.statistics.frames import (
    Array,
    check_confidence,
    counts,
    named,
    numbers,
    require_columns,
    require_keys,
    whole,
)


def sample_size(
    population: Any, *, proportion: float = 0.5, margin: float = 0.05, confidence: float = 0.95
) -> pd.DataFrame:
    """How many units estimate a share to within a margin, when drawn at random without replacement.

    z² N p (1 - p) / (margin² (N - 1) + z² p (1 - p)), Krejcie and Morgan 1970. For units that go together (decisions
    of one moderator) multiply by the design effect.

    Args:
        population: Units there are, one number or many.
        proportion: The share that is expected; 0.5 asks for the most.
        margin: Half the width of the interval.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row per population: `population`, `required` (as computed), `n` (rounded up, at most the population).

    Raises:
        ValueError: for a population below 1, or a proportion, margin or confidence not strictly between 0 and 1.
    """
    check_confidence(confidence)
    _between(proportion=proportion, margin=margin)
    size = counts(population, "population")
    if (size < 1).any():
        raise ValueError("population must be at least 1")
    spread = float(ndtri((1 + confidence) / 2)) ** 2 * proportion * (1 - proportion)
    required = spread * size / (margin**2 * (size - 1) + spread)
    n = np.minimum(np.ceil(required - 1e-9), size).astype(int)
    return pd.DataFrame({"population": size.astype(int), "required": required, "n": n})


def two_proportion_sample_size(
    proportion_1: float, proportion_2: float, *, power: float = 0.8, significance: float = 0.05
) -> pd.DataFrame:
    """How many units per arm tell two shares apart, two-sided, by the normal approximation with pooled variance.

    Source: Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd edition, 2003, chapter 4; as R's
    power.prop.test.

    Args:
        proportion_1: Share in the first arm.
        proportion_2: Share in the second arm.
        power: Chance of finding the difference when it is there.
        significance: Chance of finding one when there is none.

    Returns:
        One row: `required` (as computed, per arm), `n` (rounded up).

    Raises:
        ValueError: for a share, power or significance not strictly between 0 and 1, or shares that are equal.
    """
    _between(proportion_1=proportion_1, proportion_2=proportion_2, power=power, significance=significance)
    if proportion_1 == proportion_2:
        raise ValueError("proportion_1 and proportion_2 are equal: no sample tells them apart")
    mean = (proportion_1 + proportion_2) / 2
    under_none = float(-ndtri(significance / 2)) * np.sqrt(2 * mean * (1 - mean))
    own = proportion_1 * (1 - proportion_1) + proportion_2 * (1 - proportion_2)
    required = ((under_none + float(ndtri(power)) * np.sqrt(own)) / (proportion_1 - proportion_2)) ** 2
    return pd.DataFrame({"required": [float(required)], "n": [int(np.ceil(required - 1e-9))]})


def neyman_allocation(
    strata: pd.DataFrame,
    total: int,
    *,
    stratum: str = "stratum",
    population: str = "population",
    deviation: str = "deviation",
    at_least: int = 2,
) -> pd.DataFrame:
    """A sample shared out over strata so that the overall mean is as exact as can be: by population × deviation.

    What a stratum cannot give because it is too small goes to the others; each gets at least `at_least`, or all it has.
    Whole numbers by the largest remainder; of remainders that are equal, the larger deviation, population, and last
    the name go first, whatever the order of the rows. Source: Neyman 1934; Cochran, Sampling Techniques, 1977,
    chapter 5.

    Args:
        strata: One row per stratum: its name, its population, and the standard deviation that is expected in it
            (of a share p: the root of p (1 - p)).
        total: Units to share out.
        stratum: Column of the name.
        population: Column of the population.
        deviation: Column of the deviation.
        at_least: Units for each stratum whatever its deviation; two let a variance be estimated.

    Returns:
        `strata` in its order with `planned_n` and `inclusion_probability`.

    Raises:
        ValueError: for a missing column, a stratum that is missing or given twice, a negative or missing number, or a
            total that is not whole, more than all populations, or less than the strata's least.
    """
    require_keys(strata, unique=True, stratum=stratum)
    require_columns(strata, [population, deviation])
    size = np.floor(counts(strata[population], named(population, "population")))
    spread = counts(strata[deviation], named(deviation, "deviation"))
    least = np.minimum(size, whole(at_least, "at_least"))
    if whole(total, "total") > size.sum() or total < least.sum():
        raise ValueError(f"total must lie between {int(least.sum())} and {int(size.sum())}, not {total}")
    planned = _whole_shares(_shares(total, size, spread, least), total, size, spread, strata[stratum])
    with np.errstate(invalid="ignore"):
        return strata.assign(planned_n=planned, inclusion_probability=np.where(size > 0, planned / size, np.nan))


def _shares(total: float, size: Array, spread: Array, least: Array) -> Array:
    """A total shared out by size × spread, none under its least nor above its size."""
    # Where nothing is expected to vary, what is left goes by population.
    importance = size * np.maximum(spread, 1e-9 * (spread.max(initial=0) or 1.0))
    importance /= importance.max(initial=0) or 1.0

    def shares(level: float) -> Array:
        clipped: Array = np.clip(level * importance, least, size)
        return clipped

    # Shares grow with the level, straight from each stratum's floor to its population: so does their sum between these.
    ends = np.concatenate([least, size]) / np.maximum(np.tile(importance, 2), np.finfo(float).tiny)
    levels = np.unique(np.append(ends, 0.0))
    return shares(float(np.interp(total, [shares(level).sum() for level in levels], levels)))


def _whole_shares(
    share: Array, total: float, size: Array, spread: Array, names: "pd.Series[Any]"
) -> npt.NDArray[np.int_]:
    """Shares in whole numbers by the largest remainder, not above each size; ties by what strata are, not by row."""
    planned = np.floor(share * (1 + 1e-12) + 1e-9)
    ties = pd.DataFrame(
        {"rest": (planned - share).round(6), "spread": -spread, "size": -size, "name": names.to_numpy()}
    )
    order = ties[planned < size].sort_values(list(ties.columns)).index
    planned[order[: int(total - planned.sum())]] += 1
    return planned.astype(int)


def expected_margin(
    strata: pd.DataFrame,
    *,
    population: str = "population",
    planned: str = "planned_n",
    deviation: str = "deviation",
    confidence: float = 0.95,
) -> float:
    """Half the width that a plan's interval of the mean over all strata should have: z √(Σ W² (1 - f) σ² / n).

    Args:
        strata: One row per stratum: its population, the units planned, and the deviation that is expected in it.
        population: Column of the population.
        planned: Column of the units planned.
        deviation: Column of the deviation.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        Half the width, in the unit of the deviation; missing where a stratum that has units gets none, or none has any.

    Raises:
        ValueError: for a missing column, a negative or missing number, or more planned than there are.
    """
    check_confidence(confidence)
    require_columns(strata, [population, planned, deviation])
    size = counts(strata[population], named(population, "population"))
    n = counts(strata[planned], named(planned, "planned"))
    spread = counts(strata[deviation], named(deviation, "deviation"))[size > 0]
    if (n > size).any():
        raise ValueError(f"a stratum has more in {planned} than in {population}")
    size, n = size[size > 0], n[size > 0]
    if not len(size) or (n == 0).any():
        return float("nan")
    variance = ((size / size.sum()) ** 2 * (1 - n / size) * spread**2 / n).sum()
    return float(ndtri((1 + confidence) / 2)) * float(np.sqrt(variance))


def draw(
    frame: pd.DataFrame,
    allocation: pd.DataFrame,
    seed: str,
    *,
    unit: str = "decision_id",
    stratum: str = "stratum",
    planned: str = "planned_n",
) -> pd.DataFrame:
    """The planned number of units of each stratum, at random without replacement.

    Units are ordered by a hash of the seed and their id, and the first are taken: the same seed draws the same units
    whatever the order of the frame, on any machine, and a larger plan takes those of the smaller one and more.

    Args:
        frame: One row per unit that can be drawn.
        allocation: One row per stratum with the number planned.
        seed: Any text; kept with the plan, so that the draw can be checked.
        unit: Column of the unit's id in `frame`.
        stratum: Column of the stratum in both.
        planned: Column of the number in `allocation`.

    Returns:
        The drawn rows of `frame` with `inclusion_probability` (drawn of the stratum's units) and `draw_order` (from 1,
        within the stratum), sorted by stratum and draw order.

    Raises:
        ValueError: for a missing column, a unit or stratum that is missing or given twice, a plan that is no whole
            number or more than a stratum has, or units of a stratum without a plan.
    """
    require_keys(frame, unique=True, unit=unit)
    require_keys(frame, stratum=stratum)
    require_keys(allocation, unique=True, stratum=stratum)
    require_columns(allocation, [planned])
    plan = pd.Series(numbers(allocation[planned], named(planned, "planned")), index=allocation[stratum].to_numpy())
    unplanned = sorted(set(frame[stratum]) - set(plan.index), key=str)
    if unplanned:
        raise ValueError(f"no plan for: {', '.join(map(str, unplanned))}")
    size = frame[stratum].value_counts().reindex(plan.index, fill_value=0)
    beyond = plan.index[(plan > size) | (plan < 0)]
    if len(beyond):
        raise ValueError(f"the plan asks for more than there is, or less than none, of: {', '.join(map(str, beyond))}")
    whole(plan, named(planned, "planned"))
    digests = [hashlib.sha256(f"{seed}|{name}".encode()).hexdigest() for name in frame[unit]]
    ordered = frame.assign(_digest=digests).sort_values([stratum, "_digest"], kind="stable")
    ordered["draw_order"] = ordered.groupby(stratum, observed=True).cumcount() + 1
    drawn = ordered[ordered["draw_order"] <= ordered[stratum].astype(object).map(plan)]
    probability = drawn[stratum].astype(object).map(plan / size.where(size > 0))
    return drawn.drop(columns="_digest").assign(inclusion_probability=probability).reset_index(drop=True)


def _between(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 < share < 1:
            raise ValueError(f"{name} must lie strictly between 0 and 1, not {share}")
