"""Shares of groups on the same mix of work: is a difference theirs or their work's."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit, ndtr, ndtri

from plumbline.statistics.comparison.significance import adjust
from plumbline.statistics.frames import (
    check_confidence,
    counts,
    named,
    require_columns,
    require_keys,
    with_reason,
)
from plumbline.statistics.proportions import difference, smoothed

NO_VARIANCE = "no variance in any cell: nothing tells the error"
PAIRS = [
    "group_1",
    "group_2",
    "raw_difference",
    "raw_lower",
    "raw_upper",
    "estimate",
    "standard_error",
    "lower",
    "upper",
    "overlap",
    "p_value",
    "adjusted_p_value",
    "reason",
]


def standardise(
    cells: pd.DataFrame,
    *,
    group: str = "group",
    cell: str = "cell",
    n: str = "n",
    successes: str = "successes",
    variance: str | None = None,
    reference: "pd.Series[float] | None" = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """The share of each group as it would be on one common mix of work: direct standardisation.

    Only cells (queue × policy × language × content type) that every group has are compared, weighted by the reference;
    what part of the reference they are is the overlap. Source: Rothman, Greenland and Lash, Modern Epidemiology, 3rd
    edition, 2008, chapter 15.

    Args:
        cells: One row per group and cell: how many (or what weight of) units, and successes among them.
        group: Column of the group.
        cell: Column of the cell.
        n: Column of the units.
        successes: Column of the successes.
        variance: Column of the variance of the cell's share where units are weighted; binomial, with half a success
            and half a failure added, unless given.
        reference: Weight per cell; all groups' units together unless given.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per group: `group`, `raw` (over its own mix), `standardised`, `standard_error`, `lower`, `upper` (on the
        scale of the logit), `overlap` (share of the reference compared), `reason` (no cell that all groups have; no
        variance to tell the error by). Groups without units have no row.

    Raises:
        ValueError: for a missing column, group or cell, a group and cell twice, more successes than units, or a
            reference that names no cell or one twice, or has a weight that is negative or missing.
    """
    check_confidence(confidence)
    held = _cells(cells, group, cell, n, successes)
    if variance:
        require_columns(cells, [variance])
        held["variance"] = counts(cells[variance], named(variance, "variance"))
    else:
        held["variance"] = smoothed(held["successes"], held["n"])["variance"]
    held = held[held["n"] > 0]
    weights = held.groupby("cell")["n"].sum() if reference is None else _reference(reference)
    columns = ["group", "raw", "standardised", "standard_error", "lower", "upper", "overlap", "reason"]
    if held.empty:
        return with_reason([], columns)
    in_all = held.groupby("cell")["group"].nunique() == held["group"].nunique()
    common = weights[weights.index.isin(in_all.index[in_all])]
    overlap = float(common.sum() / weights.sum())
    rows = []
    for name, own in held.groupby("group", sort=True):
        row = {"group": name, "raw": own["successes"].sum() / own["n"].sum(), "overlap": overlap}
        compared = own.set_index("cell").loc[common.index[common > 0]]
        if compared.empty:
            rows.append(row | {"reason": "no cell that all groups have"})
            continue
        share = (common[common > 0] / common.sum()).to_numpy()
        row["standardised"] = estimate = float((share * compared["successes"] / compared["n"]).sum())
        error = float(np.sqrt((share**2 * compared["variance"]).sum()))
        if error == 0:
            rows.append(row | {"reason": NO_VARIANCE})
            continue
        rows.append(row | {"standard_error": error} | _logit_bounds(estimate, error, confidence))
    return with_reason(rows, columns)


def standardised_pairs(
    cells: pd.DataFrame,
    *,
    group: str = "group",
    cell: str = "cell",
    n: str = "n",
    successes: str = "successes",
    effective_n: str | None = None,
    least_n: int = 30,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Each group less each other: as they are, and on the mix of work of both together where both have some.

    Raw differences have Newcombe's interval; standardised ones the normal, a cell's share taken to vary as the whole of
    its group does, since single cells are too small to say. p-values are corrected for the number of pairs (Benjamini
    and Hochberg). Not for groups whose people are few and differ much: their clustering is not in the error.

    Args:
        cells: One row per group and cell: units (or their weight), and successes among them.
        group: Column of the group.
        cell: Column of the cell.
        n: Column of the units.
        successes: Column of the successes.
        effective_n: Column of the number of units of equal weight; `n` unless given.
        least_n: Effective units of either group under which no difference is given.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per pair in order of name: `group_1`, `group_2`, `raw_difference`, `raw_lower`, `raw_upper`, `estimate`
        (standardised difference), `standard_error`, `lower`, `upper`, `overlap` (share of both groups' units in cells
        that both have), `p_value`, `adjusted_p_value`, `reason`.

    Raises:
        ValueError: as `standardise`, and for units of which none are effective.
    """
    check_confidence(confidence)
    held = _cells(cells, group, cell, n, successes)
    effective = effective_n or n
    require_columns(cells, [effective])
    held["effective_n"] = counts(cells[effective], named(effective, "effective_n"))
    held = held[held["n"] > 0].reset_index(drop=True)
    if (held["effective_n"] == 0).any():
        raise ValueError(f"{named(effective, 'effective_n')} must be above 0 where there are units")
    whole = held.groupby("group")[["n", "successes", "effective_n"]].sum()
    hits = whole["successes"] / whole["n"] * whole["effective_n"]
    share = pd.Series(smoothed(hits, whole["effective_n"])["estimate"].to_numpy(), index=whole.index)
    held["variance"] = held["group"].map(share * (1 - share)) / held["effective_n"]
    names = sorted(whole.index)
    rows = []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            row: dict[str, Any] = {"group_1": first, "group_2": second}
            if whole.loc[[first, second], "effective_n"].min() < least_n:
                rows.append(row | {"reason": f"fewer than {least_n} units of either"})
                continue
            n_both = whole["effective_n"]
            raw = difference(hits[first], n_both[first], hits[second], n_both[second], confidence=confidence).iloc[0]
            row |= {"raw_difference": raw["estimate"], "raw_lower": raw["lower"], "raw_upper": raw["upper"]}
            rows.append(row | _standardised(held[held["group"].isin([first, second])], first, second, confidence))
    frame = with_reason(rows, PAIRS)
    frame["adjusted_p_value"] = adjust(frame["p_value"])
    return frame


def against_others(
    cells: pd.DataFrame,
    *,
    group: str = "group",
    cell: str = "cell",
    n: str = "n",
    successes: str = "successes",
    least_n: int = 30,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Each group less all others together, as `standardised_pairs`; p-values corrected for the number of groups.

    Args:
        cells: One row per group and cell: units, and successes among them.
        group: Column of the group.
        cell: Column of the cell.
        n: Column of the units.
        successes: Column of the successes.
        least_n: Units of either side under which no difference is given.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per group in order of name: `group`, `n`, and what `standardised_pairs` says of it and the others from
        `raw_difference` on. No row for a group that is alone.

    Raises:
        ValueError: as `standardise`.
    """
    check_confidence(confidence)
    held = _cells(cells, group, cell, n, successes)
    held = held[held["n"] > 0]
    whole = held.groupby("cell")[["n", "successes"]].sum()
    rows = []
    for name, rest in held.groupby("group", sort=True):
        own = rest.set_index("cell")[["n", "successes"]]
        others = whole.sub(own, fill_value=0).query("n > 0")
        both = pd.concat([own.assign(group="own"), others.assign(group="rest")]).rename_axis("cell").reset_index()
        pair = standardised_pairs(both, least_n=least_n, confidence=confidence)
        rows.append(pair.assign(group=name, n=own["n"].sum()))
    columns = ["group", "n", *PAIRS[2:]]
    found = pd.concat(rows, ignore_index=True)[columns] if rows else pd.DataFrame(columns=columns)
    return found.assign(adjusted_p_value=adjust(found["p_value"]))


def _cells(cells: pd.DataFrame, group: str, cell: str, n: str, successes: str) -> pd.DataFrame:
    """`group`, `cell`, `n`, `successes`, each group and cell once."""
    require_keys(cells, unique=True, group=group, cell=cell)
    require_columns(cells, [n, successes])
    units, hits = counts(cells[n], named(n, "n")), counts(cells[successes], named(successes, "successes"))
    if (hits > units * (1 + 1e-9)).any():
        raise ValueError(f"there are more successes than units: {successes} must not be above {n}")
    return pd.DataFrame(
        {"group": cells[group].to_numpy(), "cell": cells[cell].to_numpy(), "n": units, "successes": hits}
    )


def _reference(reference: "pd.Series[float]") -> "pd.Series[float]":
    frame = pd.DataFrame({"reference": reference.index})
    require_keys(frame, unique=True, reference="reference")
    weights = pd.Series(counts(reference, "reference"), index=reference.index)
    if not weights.sum() > 0:
        raise ValueError("reference must give some cell a weight above 0")
    return weights


def _standardised(pair: pd.DataFrame, first: str, second: str, confidence: float) -> dict[str, Any]:
    found = standardise(pair, variance="variance", confidence=confidence).set_index("group")
    one, other = found.loc[first], found.loc[second]
    if one["reason"] is not None:
        return {"overlap": one["overlap"], "reason": "no cell that both have"}
    estimate = one["standardised"] - other["standardised"]
    error = float(np.hypot(one["standard_error"], other["standard_error"]))
    half = float(ndtri((1 + confidence) / 2)) * error
    p_value = 2 * float(ndtr(-abs(estimate) / error)) if error > 0 else np.nan
    bounds = {"lower": max(-1.0, estimate - half), "upper": min(1.0, estimate + half)}
    return {"estimate": estimate, "standard_error": error, **bounds, "p_value": p_value, "overlap": one["overlap"]}


def _logit_bounds(estimate: float, error: float, confidence: float) -> dict[str, float]:
    half = float(ndtri((1 + confidence) / 2)) * error
    if not 0 < estimate < 1:  # no logit: as far as the error reaches on the scale of the share
        return {"lower": max(0.0, estimate - half), "upper": min(1.0, estimate + half)}
    half /= estimate * (1 - estimate)
    return {"lower": float(expit(logit(estimate) - half)), "upper": float(expit(logit(estimate) + half))}
