"""What goes with an outcome, other things equal: linear and logistic regression, and correlations."""

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtr
from scipy.stats import pearsonr, spearmanr
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from plumbline.statistics.comparison import adjust
from plumbline.statistics.frames import Array, check_confidence, counts, none_for_missing, numbers, require_columns

TERMS = ["term", "estimate", "standard_error", "lower", "upper", "statistic", "p_value"]
LOGIT = [*TERMS, "odds_ratio", "odds_ratio_lower", "odds_ratio_upper", "marginal_effect", "n", "n_clusters", "reason"]
LINEAR = [*TERMS, "n", "n_clusters", "r_squared", "reason"]
CORRELATION = ["variable_1", "variable_2", "estimate", "lower", "upper", "n", "p_value", "adjusted_p_value", "reason"]

Errors = Literal["classic", "robust", "cluster"]


def linear(
    sample: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    *,
    errors: Errors = "robust",
    cluster: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Ordinary least squares of a quantity on others.

    Args:
        sample: One row per unit.
        outcome: Column of the quantity.
        predictors: Columns: numbers as they are, texts as differences from their first value by name.
        errors: classic (constant variance), robust (HC3), or cluster (by `cluster`, small-sample corrected).
        cluster: Column of the cluster, for errors of that kind.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per term, `(intercept)` first: `term`, `estimate`, `standard_error`, `lower`, `upper`, `statistic` (t),
        `p_value`, `n`, `n_clusters`, `r_squared`, `reason`. One row with a reason alone where there are no more rows
        than terms, a predictor does not vary or follows from others, or fewer than two clusters.

    Raises:
        ValueError: for a missing column or value, an unknown kind of errors, or clustered errors without `cluster`.
    """
    fit_options, groups = _checked(sample, [outcome, *predictors], errors, cluster, confidence, robust="HC3")
    design = _design(sample, predictors)
    values = numbers(sample[outcome], f"column {outcome}")
    if reason := _not_estimable(design, groups):
        return _refused(reason, len(sample), LINEAR)
    fit = OLS(values, design.to_numpy()).fit(use_t=True, **fit_options)
    frame = _terms(fit, list(design.columns), confidence)
    return frame.assign(n=len(sample), n_clusters=groups, r_squared=float(fit.rsquared), reason=None)[LINEAR]


def logit(
    sample: pd.DataFrame,
    successes: str,
    predictors: Sequence[str],
    *,
    trials: str | None = None,
    weights: str | None = None,
    errors: Errors = "robust",
    cluster: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Logistic regression: how the odds of an outcome go with each predictor, the others held.

    With weights, the estimates are those of the population that the sample stands for: weights multiply the score
    equations, and the errors are the sandwich's (Binder 1983), so that the scale of the weights does not matter.

    Args:
        sample: One row per unit, or per cell of units alike in all predictors (and cluster).
        successes: Column of the outcome, 0 or 1; or of the number of successes in a cell, with `trials`.
        predictors: Columns: numbers as they are, texts as differences from their first value by name.
        trials: Column of the units of a cell.
        weights: Column of the sampling weight of each unit of the row, one over its inclusion probability. Of a cell
            whose units weigh differently: their mean weight, `successes` being `trials` times the weighted share.
        errors: classic (without weights), robust (HC0; by cell, where rows are cells) or cluster (by `cluster`; the
            small-sample factor counts clusters and units, so that cells give what their units give).
        cluster: Column of the cluster, for errors of that kind.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per term, `(intercept)` first: `term`, `estimate` (log odds), `standard_error`, `lower`, `upper`,
        `statistic` (z; Student's t by clusters), `p_value`, `odds_ratio`, `odds_ratio_lower`, `odds_ratio_upper`,
        `marginal_effect` (mean change of the probability for one more of the predictor, or for the value instead of the
        first), `n` units, `n_clusters`, `reason`. One row with a reason alone where nothing can be estimated: as
        `linear`, one outcome only, or a predictor that tells the outcome perfectly.

    Raises:
        ValueError: as `linear`, and for more successes than trials, a weight that is not positive, or weights with
            classic errors.
    """
    columns = [successes, *predictors, *[name for name in (trials, weights) if name]]
    fit_options, groups = _checked(sample, columns, errors, cluster, confidence, robust="HC0")
    hits = counts(sample[successes], f"column {successes}")
    n = counts(sample[trials], f"column {trials}") if trials else np.ones(len(hits))
    if (hits > n).any():
        raise ValueError(f"column {successes} must not be above {trials or 1}")
    w = _scaled_weights(sample, weights, n, errors)
    design = _design(sample, predictors)
    size = int(n.sum())
    if hits.sum() in (0, n.sum()):
        return _refused("every outcome is the same", size, LOGIT)
    if reason := _not_estimable(design, groups):
        return _refused(reason, size, LOGIT)
    with warnings.catch_warnings():
        # What separates perfectly has no finite estimate: found below by its size.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        fit = GLM(np.column_stack([w * hits, w * (n - hits)]), design.to_numpy(), family=Binomial()).fit(
            tol=1e-9, tol_criterion="params", use_t=errors == "cluster", **fit_options
        )
    if not fit.converged or np.abs(fit.params).max() > 15 + np.abs(fit.params[0]) or not np.isfinite(fit.bse).all():
        return _refused("a predictor tells the outcome perfectly, or nearly", size, LOGIT)
    frame = _terms(fit, list(design.columns), confidence)
    if errors == "cluster":
        frame = _by_units(frame, len(design), size, groups)
    frame["odds_ratio"] = np.exp(frame["estimate"])
    frame["odds_ratio_lower"], frame["odds_ratio_upper"] = np.exp(frame["lower"]), np.exp(frame["upper"])
    frame["marginal_effect"] = _marginal_effects(fit, design, w * n, {str(name) for name in predictors})
    return frame.assign(n=size, n_clusters=groups, reason=None)[LOGIT]


def correlation(
    sample: pd.DataFrame,
    variables: Sequence[str] | None = None,
    *,
    method: Literal["pearson", "spearman"] = "spearman",
    minimum_n: int = 10,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """How each pair of quantities goes together, corrected for the number of pairs (Benjamini and Hochberg).

    Intervals are Fisher's, for Spearman with the variance of Bonett and Wright (2000). Going together over time is not
    cause: two series with one trend or season correlate.

    Args:
        sample: One row per unit; missing values leave the unit out of that pair.
        variables: Columns; all unless given.
        method: spearman (ranks) or pearson.
        minimum_n: Units under which no correlation is given; at least 4.
        confidence: Of the intervals, strictly between 0 and 1.

    Returns:
        One row per pair in the order of `variables`: `variable_1`, `variable_2`, `estimate`, `lower`, `upper`, `n`,
        `p_value`, `adjusted_p_value`, `reason` (too few units; one does not vary).

    Raises:
        ValueError: for a missing column, an unknown method, or a `minimum_n` under 4.
    """
    check_confidence(confidence)
    names = [str(name) for name in (sample.columns if variables is None else variables)]
    require_columns(sample, names)
    if method not in ("pearson", "spearman"):
        raise ValueError(f"method must be pearson or spearman, not {method}")
    if minimum_n < 4:
        raise ValueError(f"minimum_n must be at least 4, not {minimum_n}")
    values = {name: pd.to_numeric(sample[name], errors="coerce").to_numpy(float) for name in names}
    rows = []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            both = np.isfinite(values[first]) & np.isfinite(values[second])
            row = {"variable_1": first, "variable_2": second, "n": int(both.sum())}
            rows.append(row | _correlated(values[first][both], values[second][both], method, minimum_n, confidence))
    frame = pd.DataFrame(rows, columns=CORRELATION)
    frame["adjusted_p_value"] = adjust(frame["p_value"])
    return frame.assign(reason=none_for_missing(frame["reason"]))


def _correlated(x: Array, y: Array, method: str, minimum_n: int, confidence: float) -> dict[str, Any]:
    if len(x) < minimum_n:
        return {"reason": f"fewer than {minimum_n} values"}
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return {"reason": "one of the two does not vary"}
    found = pearsonr(x, y) if method == "pearson" else spearmanr(x, y)
    estimate = float(found.statistic)
    spread = 1.0 if method == "pearson" else 1 + estimate**2 / 2
    at = np.arctanh(np.clip(estimate, -1 + 1e-15, 1 - 1e-15))
    half = float(ndtri((1 + confidence) / 2)) * np.sqrt(spread / (len(x) - 3))
    bounds = {"lower": float(np.tanh(at - half)), "upper": float(np.tanh(at + half))}
    return {"estimate": estimate, **bounds, "p_value": float(found.pvalue)}


def _checked(
    sample: pd.DataFrame, columns: list[str], errors: str, cluster: str | None, confidence: float, *, robust: str
) -> tuple[dict[str, Any], float]:
    """Options of the fit for these errors, and how many clusters there are (missing where none are asked for)."""
    check_confidence(confidence)
    require_columns(sample, [*columns, *([cluster] if cluster else [])])
    empty = [name for name in columns if sample[name].isna().any()]
    if empty:
        raise ValueError(f"values are missing in: {', '.join(empty)}")
    if errors == "classic":
        return {}, np.nan
    if errors == "robust":
        return {"cov_type": robust}, np.nan
    if errors != "cluster":
        raise ValueError(f"errors must be classic, robust or cluster, not {errors}")
    if cluster is None:
        raise ValueError("clustered errors need the column of the cluster")
    codes, names = pd.factorize(sample[cluster])
    return {"cov_type": "cluster", "cov_kwds": {"groups": codes}}, float(len(names))


def _scaled_weights(sample: pd.DataFrame, weights: str | None, n: Array, errors: str) -> Array:
    """The weight of each row's units, one on average: only what units weigh beside each other counts."""
    if weights is None:
        return np.ones(len(n))
    if errors == "classic":
        raise ValueError("weights need robust or clustered errors: classic ones take a weight for so many units")
    w = numbers(sample[weights], f"column {weights}")
    if (w <= 0).any():
        raise ValueError(f"column {weights} must be above 0")
    return w * n.sum() / (w * n).sum() if n.sum() else w


def _by_units(frame: pd.DataFrame, rows: int, units: int, clusters: float) -> pd.DataFrame:
    """Clustered errors with the small-sample factor (n - 1) / (n - k) of units, where the fit took that of rows."""
    terms = len(frame)
    ratio = np.sqrt((units - 1) / (units - terms) * (rows - terms) / (rows - 1))
    statistic = frame["statistic"] / ratio
    return frame.assign(
        standard_error=frame["standard_error"] * ratio,
        lower=frame["estimate"] + (frame["lower"] - frame["estimate"]) * ratio,
        upper=frame["estimate"] + (frame["upper"] - frame["estimate"]) * ratio,
        statistic=statistic,
        p_value=2 * stdtr(clusters - 1, -statistic.abs()),
    )


def _design(sample: pd.DataFrame, predictors: Sequence[str]) -> pd.DataFrame:
    """An intercept, numbers as they are, and a column for each value of a text but its first."""
    parts = [pd.Series(1.0, index=sample.index, name="(intercept)")]
    for name in predictors:
        column = sample[name]
        if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
            parts.append(pd.Series(numbers(column, f"column {name}"), index=sample.index, name=name))
            continue
        for value in sorted(column.unique())[1:]:
            parts.append((column == value).astype(float).rename(f"{name}: {value}"))
    return pd.concat(parts, axis=1)


def _not_estimable(design: pd.DataFrame, groups: float) -> str | None:
    if len(design) <= design.shape[1]:
        return "no more rows than terms"
    if np.linalg.matrix_rank(design.to_numpy()) < design.shape[1]:
        return "a predictor does not vary, or follows from the others"
    if groups < 2:
        return "fewer than two clusters"
    return None


def _terms(fit: Any, names: list[str], confidence: float) -> pd.DataFrame:
    bounds = np.asarray(fit.conf_int(alpha=1 - confidence))
    return pd.DataFrame(
        {
            "term": names,
            "estimate": np.asarray(fit.params),
            "standard_error": np.asarray(fit.bse),
            "lower": bounds[:, 0],
            "upper": bounds[:, 1],
            "statistic": np.asarray(fit.tvalues),
            "p_value": np.asarray(fit.pvalues),
        }
    )


def _marginal_effects(fit: Any, design: pd.DataFrame, n: Array, numeric: set[str]) -> Array:
    """Mean change of the probability: by the slope for a number, from the first value for a value of a text."""
    chance = np.asarray(fit.fittedvalues)
    effects = [np.nan]
    for place, term in enumerate(design.columns[1:], 1):
        if term in numeric:
            change = fit.params[place] * chance * (1 - chance)
        else:
            family = f"{term.split(': ')[0]}: "
            base = design.to_numpy(copy=True)
            base[:, [index for index, name in enumerate(design.columns) if name.startswith(family)]] = 0.0
            own = base.copy()
            own[:, place] = 1.0
            change = fit.predict(own) - fit.predict(base)
        effects.append(float(np.average(change, weights=n)))
    return np.asarray(effects)


def _refused(reason: str, n: int, columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame([{"n": n, "reason": reason}], columns=columns)
