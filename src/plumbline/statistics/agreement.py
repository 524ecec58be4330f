"""Agreement between raters, plain and beyond chance, from ratings or from counts of labels.

Chance-corrected coefficients are (observed - chance) / (1 - chance) and differ in what they call chance:

- `cohen_kappa`: two raters' own shares of each label; `conger_kappa` is the same for more raters.
- `fleiss_kappa`: the shares of all raters together.
- `krippendorff_alpha`: the same, corrected for few ratings, and for labels that lie nearer or further apart.
- `gwet_ac1`: the chance that a rating is a guess; stays high where nearly all labels are one, and is 1 where all are.
- `brennan_prediger`: one over the number of labels.

Sources: Gwet, Handbook of Inter-Rater Reliability, 4th edition, 2014, and the author's R package irrCAC for figures and
standard errors; Krippendorff, Content Analysis, 4th edition, 2018; Fleiss, Cohen and Everitt 1969 for two raters.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import bdtr, stdtrit
from statsmodels.stats.inter_rater import cohens_kappa

from plumbline.statistics.frames import (
    Array,
    check_confidence,
    counts,
    named,
    none_for_missing,
    require_columns,
    require_keys,
    whole,
)

COLUMNS = ["coefficient", "estimate", "standard_error", "lower", "upper", "n_items", "n_raters", "reason"]
LEVELS = ("nominal", "ordinal", "interval", "ratio")

NO_PAIRS = "no item was rated twice"
ONE_PAIR = "one item rated twice gives no standard error"
ONE_LABEL = "every rating has the same label: agreement beyond chance is not defined"
ONE_PAIRED_LABEL = "every rating of an item rated twice has the same label: agreement beyond chance is not defined"
ONE_KNOWN_LABEL = "one label alone is known: chance needs all labels that could be given"
NO_SPREAD = "all items agree alike: their spread gives no standard error"
NO_INFLUENCE = "to first order no item moves the coefficient: their spread gives no standard error"
LONE_ITEM = "without one of the items every rating has the same label"
# Whose chance is that of the labels as they were given: where all are one, it is 1.
BY_MARGINS = ("cohen_kappa", "conger_kappa", "fleiss_kappa", "krippendorff_alpha")
NEEDS_RATINGS = "a standard error needs the ratings of each rater"


def agreement(
    ratings: pd.DataFrame,
    *,
    item: str = "item_id",
    rater: str = "rater_id",
    label: str = "label",
    level: str = "nominal",
    labels: Sequence[Any] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """All coefficients of agreement from one row per item and rater; raters may miss items.

    Args:
        ratings: One row per item and rater; a missing label is no rating.
        item: Column of the item.
        rater: Column of the rater.
        label: Column of the label.
        level: Of measurement, for Krippendorff's alpha alone: nominal, ordinal (by the order of `labels`), interval or
            ratio (labels are numbers). The others take labels as equal or not; see `cohen_kappa` for weights.
        labels: Every label that could be given, lowest first; those that were given, unless said. Brennan-Prediger and
            AC1 depend on how many there are. Level ordinal needs them, but where the column is an ordered categorical
            or holds numbers: no order can be read off texts.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per coefficient as `agreement_from_counts` gives, and `cohen_kappa` over the items that both rated where
        there are two raters. `n_raters` is the number of raters.

    Raises:
        ValueError: as `agreement_from_counts`; when an item or rater is missing, or a rater rated an item twice.
    """
    require_keys(ratings, item=item, rater=rater)
    require_columns(ratings, [label])
    given = ratings[ratings[label].notna()]
    require_keys(given, label=label)
    every = _every_label(given[label], level, labels)
    rated = pd.DataFrame(
        {"item_id": _plain(given[item]), "rater_id": _plain(given[rater]), "label": _plain(given[label])}
    )
    if rated.duplicated(["item_id", "rater_id"]).any():
        raise ValueError(f"a rater has two labels for an item: leave one per {item} and {rater}")
    per_item = rated.groupby(["item_id", "label"]).size().rename("ratings").reset_index()
    per_rater = rated.groupby(["rater_id", "label"]).size().rename("ratings").reset_index()
    found = agreement_from_counts(per_item, per_rater, level=level, labels=every, confidence=confidence)
    conger = found["coefficient"] == "conger_kappa"
    if (found.loc[conger, "reason"] == NEEDS_RATINGS).any():
        row = {str(name): value for name, value in found.loc[conger].iloc[0].items()}
        row = _interval(row, *_conger_terms(rated), confidence)
        found = pd.concat([found[~conger], pd.DataFrame([row])], ignore_index=True)[COLUMNS]
    if rated["rater_id"].nunique() == 2:
        wide = rated.pivot(index="item_id", columns="rater_id", values="label").dropna()
        table = pd.crosstab(wide.iloc[:, 0], wide.iloc[:, 1]).reindex(index=every, columns=every, fill_value=0)
        found = pd.concat([found, cohen_kappa(table, confidence=confidence)], ignore_index=True)
    return found


def agreement_from_counts(
    item_label: pd.DataFrame,
    rater_label: pd.DataFrame | None = None,
    *,
    item: str = "item_id",
    rater: str = "rater_id",
    label: str = "label",
    count: str = "ratings",
    level: str = "nominal",
    labels: Sequence[Any] | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Coefficients of agreement from how often each item was given each label; raters may differ from item to item.

    Items are taken as drawn from a large population: standard errors are Gwet's linearised ones, that of Krippendorff's
    alpha is the jackknife over items, and intervals are Student's t on one degree of freedom less than items, cut to
    [-1, 1] (percent agreement: [0, 1]). Not for "is this rater good": for that, compare with a reference.

    Args:
        item_label: One row per item and label, in columns `item`, `label` and `count` (ratings, not negative).
        rater_label: One row per rater and label, in columns `rater`, `label` and `count`; Conger's kappa needs it.
        item: Column of the item.
        rater: Column of the rater.
        label: Column of the label.
        count: Column of the number of ratings.
        level: As in `agreement`.
        labels: As in `agreement`.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per coefficient (percent_agreement, fleiss_kappa, krippendorff_alpha, gwet_ac1, brennan_prediger, and
        conger_kappa with `rater_label`): `coefficient`, `estimate`, `standard_error`, `lower`, `upper`, `n_items` (with
        any rating), `n_raters` (raters, or without `rater_label` the most that any item has), `reason` (why something
        is missing, else None). Too little data (no item rated twice, no spread) is a row with a reason. Where every
        rating has one label, `gwet_ac1` is 1, `brennan_prediger` is 1 if `labels` names more, and the others, whose
        chance is then 1, are not defined.

    Raises:
        ValueError: when a column or a key is missing, a count is negative or no number, an item or rater has a label
            twice, a label is not among `labels`, items and raters are not of the same ratings, `level` is unknown or
            its labels have no order or are no numbers, or `confidence` is out of range.
    """
    check_confidence(confidence)
    require_keys(item_label, unique=True, item=item, label=label)
    every = _every_label(item_label[label], level, labels)
    ratings = _wide(item_label, item, label, count, every)
    n_raters = int(ratings.sum(axis=1).max()) if len(ratings) else 0
    margins = None
    if rater_label is not None:
        require_keys(rater_label, unique=True, rater=rater, label=label)
        margins = _wide(rater_label, rater, label, count, every)
        n_raters = len(margins)
        if not np.allclose(ratings.sum(axis=0), margins.sum(axis=0), rtol=1e-9, atol=0):
            raise ValueError("item_label and rater_label must count the same ratings: their sums by label differ")
    base = {"n_items": len(ratings), "n_raters": n_raters}
    found = {
        "percent_agreement": lambda: _linearised(ratings, lambda shares: (0.0, np.zeros(len(shares)))),
        "fleiss_kappa": lambda: _linearised(ratings, _fleiss_chance),
        "krippendorff_alpha": lambda: _alpha(ratings, every, level),
        "gwet_ac1": lambda: _linearised(ratings, _ac1_chance),
        "brennan_prediger": lambda: _linearised(ratings, lambda shares: (1 / shares.shape[1], np.zeros(len(shares)))),
    }
    if margins is not None:
        found["conger_kappa"] = lambda: (_conger(ratings, margins), None)
    rows = []
    for name, estimated in found.items():
        row: dict[str, Any] = {"coefficient": name, **base}
        if reason := _undefined(name, ratings):
            rows.append({**row, "reason": reason})
        else:
            estimate, terms = estimated()
            rows.append(_interval({**row, "estimate": estimate}, terms, ratings, confidence))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"reason": object}).pipe(_none_for_missing)


def cohen_kappa(
    table: Any, weights: str | None = None, *, labels: Sequence[Any] | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Cohen's kappa of two raters from their cross table, with near misses weighted if asked.

    Args:
        table: Square: how many items the first rater (rows) and the second (columns) gave each pair of labels, both in
            the same order.
        weights: None (every disagreement counts alike), linear or quadratic (by how many places apart labels stand).
        labels: The labels in order, lowest first, where `table` is a frame that names them; as they stand in it, unless
            said. A frame by texts must have them for weights: as a rule it stands in the order of the alphabet.
        confidence: Of the interval, strictly between 0 and 1.

    Returns:
        One row as of `agreement`; the interval is normal, from the asymptotic variance of Fleiss, Cohen and Everitt.

    Raises:
        ValueError: when the table is not square, holds what is no count, names other labels by row than by column, or
            not all of them among `labels`; when `weights` is unknown or labels have no order.
    """
    check_confidence(confidence)
    if weights not in (None, "linear", "quadratic"):
        raise ValueError(f"weights must be None, linear or quadratic, not {weights}")
    cells = np.asarray(_in_order(table, weights, labels), dtype=object)
    if cells.ndim != 2 or cells.shape[0] != cells.shape[1]:
        raise ValueError(f"table must be square, not of shape {cells.shape}")
    square = counts(cells, "table").reshape(cells.shape)
    row: dict[str, Any] = {"coefficient": "cohen_kappa", "n_items": int(square.sum()), "n_raters": 2}
    if square.sum() == 0:
        return _frame({**row, "reason": NO_PAIRS})
    if ((square.sum(axis=0) + square.sum(axis=1)) > 0).sum() < 2:
        return _frame({**row, "reason": ONE_LABEL})
    with np.errstate(invalid="ignore"):  # rounding may leave a hair below zero of no variance
        result = cohens_kappa(square, wt=weights, return_results=True)
    row |= {"estimate": float(result.kappa)}
    if square.sum() == 1:
        return _frame({**row, "reason": ONE_PAIR})
    disagreeing = square.sum() - np.trace(square)
    if not result.std_kappa > 1e-12 and disagreeing in (0, square.sum()):
        return _frame({**row, "reason": NO_SPREAD})
    if square.sum() - np.diag(square).max() <= 1:
        return _frame({**row, "reason": LONE_ITEM})
    if not result.std_kappa > 1e-12:
        return _frame({**row, "reason": NO_INFLUENCE})
    half = -float(stdtrit(np.inf, (1 - confidence) / 2)) * float(result.std_kappa)
    lower, upper = max(-1.0, result.kappa - half), min(1.0, result.kappa + half)
    return _frame({**row, "standard_error": float(result.std_kappa), "lower": lower, "upper": upper})


def strictness(stricter: Any, milder: Any, n: Any, *, confidence: float = 0.95) -> pd.DataFrame:
    """Whether raters lean to one side of the reference: the share of ratings above it less the share below it.

    Labels must have an order; ratings that match the reference count for neither side. The interval is that of Agresti
    and Min (2005) for a difference of matched shares: half a rating added to each of four cells, then the normal. The
    p-value is that of the exact sign test on the ratings that do not match (McNemar 1947).

    Args:
        stricter: Ratings above the reference, one count or many.
        milder: Ratings below it.
        n: Ratings of items with a reference.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per element: `estimate` (-1 always milder, 1 always stricter), `standard_error`, `lower`, `upper`,
        `p_value`; all missing where `n` is 0.

    Raises:
        ValueError: for a negative, missing or broken count, or more above and below than there are.
    """
    check_confidence(confidence)
    above, below, all_of = whole(stricter, "stricter"), whole(milder, "milder"), whole(n, "n")
    if not len(above) == len(below) == len(all_of):
        raise ValueError(f"{len(above)} numbers stricter, {len(below)} milder and {len(all_of)} in all")
    if (above + below > all_of).any():
        raise ValueError("there are more ratings above and below the reference than ratings")
    some = all_of > 0
    estimate = np.divide(above - below, all_of, out=np.full(len(all_of), np.nan), where=some)
    centre = (above - below) / (all_of + 2)
    error = np.where(some, np.sqrt(above + below + 1 - (above - below) ** 2 / (all_of + 2)) / (all_of + 2), np.nan)
    half = -float(stdtrit(np.inf, (1 - confidence) / 2)) * error
    unequal = (above + below).astype(int)
    return pd.DataFrame(
        {
            "estimate": estimate,
            "standard_error": error,
            "lower": np.maximum(centre - half, -1.0),
            "upper": np.minimum(centre + half, 1.0),
            "p_value": np.where(some, np.minimum(2 * bdtr(np.minimum(above, below), unequal, 0.5), 1.0), np.nan),
        }
    )


def _plain(values: "pd.Series[Any]") -> "pd.Series[Any]":
    """A categorical column as the values it stands for."""
    return values.astype(object) if isinstance(values.dtype, pd.CategoricalDtype) else values


def _every_label(given: "pd.Series[Any]", level: str, labels: Sequence[Any] | None) -> list[Any]:
    """The labels in order; ValueError where their order matters and nobody says it."""
    if level not in LEVELS:
        raise ValueError(f"level must be one of {', '.join(LEVELS)}, not {level}")
    if labels is not None:
        unknown = sorted(set(given) - set(labels), key=str)
        if unknown:
            raise ValueError(f"labels that are not among those named: {', '.join(map(str, unknown))}")
        if len(set(labels)) < len(labels):
            raise ValueError(f"labels must name each label once, not: {', '.join(map(str, labels))}")
        return list(labels)
    if isinstance(given.dtype, pd.CategoricalDtype) and given.cat.ordered:
        return [label for label in given.cat.categories if (given == label).any()]
    found = sorted(given.unique())
    if level == "ordinal":
        _refuse_alphabet("level ordinal", found)
    return found


def _refuse_alphabet(what: str, labels: Sequence[Any]) -> None:
    """ValueError where labels are texts: their alphabet is no order of severity."""
    if any(isinstance(label, str) for label in labels):
        raise ValueError(
            f"{what} needs the order of the labels, which texts have not: give labels, lowest first;"
            f" there are: {', '.join(map(str, labels))}"
        )


def _in_order(table: Any, weights: str | None, labels: Sequence[Any] | None) -> Any:
    """A table with its rows and columns in the order of the labels."""
    if not isinstance(table, pd.DataFrame):
        if labels is not None and len(labels) != len(table):
            raise ValueError(f"table has {len(table)} rows and there are {len(labels)} labels")
        return table
    if labels is not None:
        for names in (table.index, table.columns):
            _every_label(names.to_series(), "nominal", labels)
        return table.reindex(index=list(labels), columns=list(labels), fill_value=0)
    if list(table.index) != list(table.columns):
        raise ValueError("table must name the same labels in the same order by row and by column, or give labels")
    is_ordered = isinstance(table.index.dtype, pd.CategoricalDtype) and table.index.dtype.ordered
    if weights is not None and not is_ordered:
        _refuse_alphabet(f"weights {weights}", list(table.index))
    return table


def _wide(frame: pd.DataFrame, key: str, label: str, count: str, labels: list[Any]) -> Array:
    """Keys × labels, zero where a key was never given a label; without keys that have no rating."""
    require_columns(frame, [count])
    _every_label(frame[label], "nominal", labels)
    values = counts(frame[count], named(count, "count"))
    plain = pd.DataFrame({"key": _plain(frame[key]), "label": _plain(frame[label]), "count": values})
    wide = plain.pivot(index="key", columns="label", values="count").reindex(columns=labels)
    ratings: Array = wide[wide.sum(axis=1) > 0].fillna(0.0).sort_index().to_numpy(float)
    return ratings


def _rests_on_one_item(ratings: Array) -> bool:
    """Whether without one of the items every rating has the same label."""
    return bool(((ratings.sum(axis=0) - ratings > 0).sum(axis=1) < 2).any())


def _undefined(coefficient: str, ratings: Array) -> str | None:
    """Why a coefficient is not defined, None where it is: nothing to compare, or a chance of 1."""
    paired = ratings.sum(axis=1) >= 2
    if not paired.any():
        return NO_PAIRS
    if coefficient == "brennan_prediger" and ratings.shape[1] < 2:
        return ONE_KNOWN_LABEL
    if coefficient not in BY_MARGINS:
        return None
    if (ratings.sum(axis=0) > 0).sum() < 2:
        return ONE_LABEL
    # Krippendorff's chance is that of the items with pairs.
    is_one = coefficient == "krippendorff_alpha" and (ratings[paired].sum(axis=0) > 0).sum() < 2
    return ONE_PAIRED_LABEL if is_one else None


def _agreeing(ratings: Array) -> Array:
    """Of each item, the share of its pairs of ratings that agree; zero where there is no pair."""
    per_item = ratings.sum(axis=1)
    pairs = per_item * (per_item - 1)
    agreeing: Array = (ratings * (ratings - 1)).sum(axis=1)
    shares: Array = np.divide(agreeing, pairs, out=np.zeros(len(ratings)), where=pairs > 0)
    return shares


def _shares(ratings: Array) -> Array:
    shares: Array = ratings / ratings.sum(axis=1, keepdims=True)
    return shares


def _fleiss_chance(shares: Array) -> tuple[float, Array]:
    overall = shares.mean(axis=0)
    return float((overall**2).sum()), shares @ overall


def _ac1_chance(shares: Array) -> tuple[float, Array]:
    overall = shares.mean(axis=0)
    others = max(shares.shape[1] - 1, 1)
    return float((overall * (1 - overall)).sum() / others), shares @ (1 - overall) / others


def _linearised(ratings: Array, chance_of: Callable[[Array], tuple[float, Array]]) -> tuple[float, Array | None]:
    """The coefficient, and what each item contributes to it by first order; None where one item alone has pairs."""
    chance, chance_per_item = chance_of(_shares(ratings))
    return _beyond_chance(ratings, chance, chance_per_item)


def _beyond_chance(ratings: Array, chance: float, chance_per_item: Array) -> tuple[float, Array | None]:
    paired = ratings.sum(axis=1) >= 2
    agreeing = _agreeing(ratings)
    estimate = (agreeing[paired].mean() - chance) / (1 - chance)
    if paired.sum() < 2:
        return float(estimate), None
    scaled = (agreeing - chance * paired) / (1 - chance) * len(ratings) / paired.sum()
    # Percent agreement and Brennan-Prediger have a chance that no item moves.
    moved = chance_per_item - chance if chance_per_item.any() else np.zeros(len(ratings))
    return float(estimate), scaled - 2 * (1 - estimate) * moved / (1 - chance)


def _conger_shares(margins: Array) -> tuple[Array, Array, float]:
    """Each rater's shares of labels, their means, and the chance that two raters agree."""
    own = margins / margins.sum(axis=1, keepdims=True)
    overall = own.mean(axis=0)
    spread = own.var(axis=0, ddof=1) if len(own) > 1 else np.zeros(own.shape[1])
    return own, overall, float((overall**2 - spread / len(own)).sum())


def _conger(ratings: Array, margins: Array) -> float:
    _, _, chance = _conger_shares(margins)
    paired = ratings.sum(axis=1) >= 2
    return float((_agreeing(ratings)[paired].mean() - chance) / (1 - chance))


def _conger_terms(rated: pd.DataFrame) -> tuple[Array | None, Array]:
    """What each item contributes to Conger's kappa by first order, from the ratings of each rater; items × labels."""
    items, item_codes = np.unique(rated["item_id"].to_numpy(), return_inverse=True)
    raters, rater_codes = np.unique(rated["rater_id"].to_numpy(), return_inverse=True)
    labels, label_codes = np.unique(rated["label"].to_numpy(), return_inverse=True)
    ratings = np.zeros((len(items), len(labels)))
    np.add.at(ratings, (item_codes, label_codes), 1)
    margins = np.zeros((len(raters), len(labels)))
    np.add.at(margins, (rater_codes, label_codes), 1)
    own, overall, chance = _conger_shares(margins)
    of_others = len(raters) * overall - own
    expected = (own * of_others).sum(axis=1)
    share_rated = margins.sum(axis=1) / len(items)
    per_rating = (of_others[rater_codes, label_codes] - expected[rater_codes]) / share_rated[rater_codes]
    per_item = np.bincount(item_codes, per_rating, len(items)) + expected.sum()
    _, terms = _beyond_chance(ratings, chance, per_item / (len(raters) * (len(raters) - 1)))
    return terms, ratings


def _positions(labels: list[Any], margins: Array, level: str) -> Array:
    """Where labels lie on a line on which disagreement is squared distance: mid-ranks for ordinal, values for interval.

    Args:
        labels: In order.
        margins: Ratings of each label; the last axis is that of labels.
        level: ordinal or interval.
    """
    if level == "ordinal":
        ranks: Array = np.cumsum(margins, axis=-1) - margins / 2
        return ranks
    return np.broadcast_to(_values(labels, level), margins.shape)


def _values(labels: list[Any], level: str) -> Array:
    values = pd.to_numeric(pd.Series(labels, dtype=object), errors="coerce").to_numpy(float)
    if not np.isfinite(values).all():
        raise ValueError(f"level {level} needs labels that are numbers; there are: {', '.join(map(str, labels))}")
    if len(np.unique(values)) < len(values):
        raise ValueError(f"level {level} needs a number for each label; there are: {', '.join(map(str, labels))}")
    if level == "ratio" and (values < 0).any():
        raise ValueError("level ratio needs labels that are not negative")
    if level == "interval":  # whose zero and unit are anywhere: large numbers close to each other would lose digits
        values = (values - values.min()) / max(np.ptp(values), np.finfo(float).tiny)
    return values


def _alpha(ratings: Array, labels: list[Any], level: str) -> tuple[float, Array | None]:
    """Krippendorff's alpha and its jackknife pseudo-values over the items with pairs; others say nothing of it."""
    paired = ratings[ratings.sum(axis=1) >= 2]
    per_item = paired.sum(axis=1)
    margins = paired.sum(axis=0)
    coincidences = np.einsum("ic,ik,i->ck", paired, paired, 1 / (per_item - 1)) - np.diag(
        (paired / (per_item - 1)[:, None]).sum(axis=0)
    )

    def disagreement(observed: Array, own: Array, left: Array) -> Array:
        """One alpha per row of `left` (margins), where the coincidences are all but the row's own item."""
        if level in ("nominal", "ratio"):
            distances = 1 - np.eye(len(labels))
            if level == "ratio":
                values = _values(labels, level)
                sums = values[:, None] + values[None, :]
                gaps = (values[:, None] - values[None, :]) ** 2
                distances = np.divide(gaps, sums**2, out=np.zeros_like(gaps), where=sums > 0)
            among = (observed * distances).sum() - _pairs(own, lambda a: a @ distances)
            expected = (left * (left @ distances)).sum(axis=1)
        else:
            at = _positions(labels, left, level)
            sides = observed.sum(axis=1)
            among = 2 * ((at**2) @ sides - ((at @ observed) * at).sum(axis=1)) - _squares(own, at)
            total = left.sum(axis=1)
            expected = 2 * (total * (left * at**2).sum(axis=1) - (left * at).sum(axis=1) ** 2)
        n = left.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            alphas: Array = 1 - (among / n) / (expected / (n * (n - 1)))
        return alphas

    nothing = np.zeros((1, len(labels)))
    estimate = float(disagreement(coincidences, nothing, margins[None, :])[0])
    if len(paired) < 2:
        return estimate, None
    without = disagreement(coincidences, paired, margins - paired)
    if abs(estimate - 1) < 1e-12:
        without = np.ones(len(paired))
    return estimate, estimate + (len(paired) - 1) * (estimate - without)


def _pairs(own: Array, by_distance: Callable[[Array], Array]) -> Array:
    """The distance among an item's own pairs, as they enter the coincidences; zero for an empty row."""
    per_item = np.maximum(own.sum(axis=1) - 1, 1)
    within: Array = (own * by_distance(own)).sum(axis=1) / per_item
    return within


def _squares(own: Array, at: Array) -> Array:
    n = own.sum(axis=1)
    sums: Array = 2 * (n * (own * at**2).sum(axis=1) - (own * at).sum(axis=1) ** 2) / np.maximum(n - 1, 1)
    return sums


def _interval(row: dict[str, Any], terms: Array | None, ratings: Array, confidence: float) -> dict[str, Any]:
    """The row with its standard error and interval, or with the reason why it has none."""
    row = {**row, "reason": None}
    paired = ratings.sum(axis=1) >= 2
    if paired.sum() < 2:
        return {**row, "reason": ONE_PAIR}
    if terms is None:
        return {**row, "reason": NEEDS_RATINGS}
    # Deviations are from the estimate, as Gwet has it, so that items without pairs enlarge the error.
    variance = ((terms - row["estimate"]) ** 2).sum() / (len(terms) * (len(terms) - 1))
    if variance < 1e-24 and np.ptp(_agreeing(ratings)[paired]) < 1e-12:
        return {**row, "reason": NO_SPREAD}
    counted = ratings[paired] if row["coefficient"] == "krippendorff_alpha" else ratings
    if row["coefficient"] in BY_MARGINS and _rests_on_one_item(counted):
        return {**row, "reason": LONE_ITEM}
    if variance < 1e-24:
        return {**row, "reason": NO_INFLUENCE}
    half = float(stdtrit(len(terms) - 1, 0.5 + confidence / 2)) * float(np.sqrt(variance))
    lowest = 0.0 if row["coefficient"] == "percent_agreement" else -1.0
    lower, upper = max(lowest, row["estimate"] - half), min(1.0, row["estimate"] + half)
    return {**row, "standard_error": float(np.sqrt(variance)), "lower": lower, "upper": upper}


def _frame(row: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([row], columns=COLUMNS).astype({"reason": object}).pipe(_none_for_missing)


def _none_for_missing(frame: pd.DataFrame) -> pd.DataFrame:
    numeric = ["estimate", "standard_error", "lower", "upper"]
    frame = frame.astype(dict.fromkeys(numeric, float))
    return frame.assign(reason=none_for_missing(frame["reason"]))
