"""What goes with an outcome, other things equal: linear and logistic regression, and correlations."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog
from scipy.special import expit, ndtri, stdtr
from scipy.stats import pearsonr, rankdata
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import OLS
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from plumbline.statistics.comparison import adjust
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

TERMS = ["term", "estimate", "standard_error", "lower", "upper", "statistic", "p_value"]
LOGIT = [*TERMS, "odds_ratio", "odds_ratio_lower", "odds_ratio_upper", "marginal_effect", "n", "n_clusters", "reason"]
LINEAR = [*TERMS, "n", "n_clusters", "r_squared", "reason"]
CORRELATION = ["variable_1", "variable_2", "estimate", "lower", "upper", "n", "p_value", "adjusted_p_value", "reason"]

Errors = Literal["classic", "robust", "cluster"]
Clusters = npt.NDArray[np.int_]
Terms = npt.NDArray[np.bool_]

SEPARATED = "a predictor, or several together, tells the outcome perfectly"
FAR = "one value of a predictor lies so far out that the others look the same beside it"
NOT_CONVERGED = "the fit did not converge"
EXACT = "the predictors tell the outcome exactly: nothing is left to measure errors by"
NO_OUTCOME = "every outcome is the same"
ALIKE = "rows, or clusters, do not differ from what is fitted: their spread gives no standard error"
ON_ONE_ROW = "rests on one row: without it next to nothing is known of the term"
ON_ONE_CLUSTER = "rests on one cluster: without it next to nothing is known of the term"
# Of what is known of a term, the share that must be left without any one row or cluster.
LEAST_LEFT = 1e-3
# Of the sum of squares of a predictor, what its values but one must keep: with less, a fit has no six digits.
FAR_OUT = 1e-10
# What rounding makes of a difference of none, beside the largest value.
NOISE = 1e-14


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
        than terms, a predictor does not vary or follows from others, every outcome is the same, or fewer than two
        clusters. A term has an estimate and a reason alone where robust errors rest on one row or clustered ones on one
        cluster, and where rows or clusters do not differ from what is fitted. No unit or zero of a column decides it.

    Raises:
        ValueError: for a missing column or value (of the cluster, too), a predictor twice, an unknown kind of errors,
            or clustered errors without `cluster`.
    """
    clusters = _checked(sample, {"outcome": [outcome], "predictors": predictors}, errors, cluster, confidence)
    values = numbers(sample[outcome], named(outcome, "outcome"))
    design = _design(sample, predictors)
    if reason := _not_estimable(design, clusters):
        return _refused(reason, len(sample), LINEAR)
    if np.ptp(values) <= NOISE * np.abs(values).max():
        return _refused(NO_OUTCOME, len(sample), LINEAR)
    fit = OLS(values, design.scaled).fit(use_t=True, **_options(errors, clusters, "nonrobust"))
    frame = _terms(fit, design, confidence, _hc3(fit, design) if errors == "robust" else None)
    if np.abs(fit.resid).max() <= NOISE * np.abs(values).max():
        frame = _without_errors(frame, np.full(len(frame), True), EXACT)
    elif errors != "classic":
        frame = _with_reasons(frame, design.scaled / fit.resid.std(), design.back, clusters)
    return frame.assign(n=len(sample), n_clusters=_number(clusters), r_squared=float(fit.rsquared))[LINEAR]


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

    No finite effect fits best where predictors, alone or together, tell the outcome of some units perfectly: separation
    (Albert and Anderson 1984), which linear programming finds (Konis 2007), whatever the units of the predictors.

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
        `linear`, for separation, or for a value of a predictor that lies so far out that the others look the same
        beside it. A term without errors says why, as in `linear`.

    Raises:
        ValueError: as `linear`, and for more successes than trials, a weight that is not positive, or weights with
            classic errors.
    """
    columns = {"successes": [successes], "predictors": predictors, "trials": [trials] if trials else []}
    columns |= {"weights": [weights] if weights else []}
    clusters = _checked(sample, columns, errors, cluster, confidence)
    hits = counts(sample[successes], named(successes, "successes"))
    n = counts(sample[trials], named(trials, "trials")) if trials else np.ones(len(hits))
    if (hits > n).any():
        raise ValueError(f"{named(successes, 'successes')} must not be above {trials or 1}")
    some = n > 0  # a cell without units says nothing
    hits, n, clusters = hits[some], n[some], None if clusters is None else clusters[some]
    w = _scaled_weights(sample[some], weights, n, errors)
    design = _design(sample[some], predictors)
    size = int(n.sum())
    if hits.sum() in (0, n.sum()):
        return _refused(NO_OUTCOME, size, LOGIT)
    if reason := _not_estimable(design, clusters):
        return _refused(reason, size, LOGIT)
    if min(map(_spread_without_one, design.scaled.T[1:]), default=1.0) < FAR_OUT:
        return _refused(FAR, size, LOGIT)
    if _separated(design.scaled, hits, n):
        return _refused(SEPARATED, size, LOGIT)
    with warnings.catch_warnings():
        # Whether anything is separated has just been settled, and not by how near to 0 and 1 chances are.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        fit = GLM(np.column_stack([w * hits, w * (n - hits)]), design.scaled, family=Binomial()).fit(
            tol=1e-9, rtol=1e-9, tol_criterion="params", use_t=errors == "cluster", **_options(errors, clusters, "HC0")
        )
    if not fit.converged:
        return _refused(NOT_CONVERGED, size, LOGIT)
    frame = _terms(fit, design, confidence)
    if clusters is not None:
        frame = _by_units(frame, len(n), size, _number(clusters))
    if errors != "classic":
        chance = np.asarray(fit.fittedvalues)
        information = w * n * chance * (1 - chance)
        frame = _with_reasons(frame, design.scaled * np.sqrt(information)[:, None], design.back, clusters)
    with np.errstate(over="ignore"):  # of a predictor in huge units, one more of it may be beyond any number
        for name, bound in (("", "estimate"), ("_lower", "lower"), ("_upper", "upper")):
            frame[f"odds_ratio{name}"] = np.exp(frame[bound])
    frame["marginal_effect"] = _marginal_effects(fit, design, w * n)
    return frame.assign(n=size, n_clusters=_number(clusters))[LOGIT]


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
        `p_value`, `adjusted_p_value`, `reason` (too few units; one does not vary, or by one unit alone).

    Raises:
        ValueError: for a missing column, a variable twice or with what is no number, an unknown method, or a
            `minimum_n` under 4.
    """
    check_confidence(confidence)
    names = list(sample.columns if variables is None else variables)
    require_columns(sample, names)
    if len(set(names)) < len(names):
        raise ValueError(f"variables must name each column once, not: {', '.join(map(str, names))}")
    if method not in ("pearson", "spearman"):
        raise ValueError(f"method must be pearson or spearman, not {method}")
    if minimum_n < 4:
        raise ValueError(f"minimum_n must be at least 4, not {minimum_n}")
    there = {name: sample[name].notna().to_numpy() for name in names}
    values = {name: np.full(len(sample), np.nan) for name in names}
    for name in names:
        values[name][there[name]] = numbers(sample.loc[there[name], name], named(str(name), "variables"))
    rows = []
    for place, first in enumerate(names):
        for second in names[place + 1 :]:
            both = there[first] & there[second]
            row = {"variable_1": str(first), "variable_2": str(second), "n": int(both.sum())}
            rows.append(row | _correlated(values[first][both], values[second][both], method, minimum_n, confidence))
    frame = pd.DataFrame(rows, columns=CORRELATION)
    frame["adjusted_p_value"] = adjust(frame["p_value"])
    return frame.assign(reason=none_for_missing(frame["reason"]))


def _correlated(x: Array, y: Array, method: str, minimum_n: int, confidence: float) -> dict[str, Any]:
    if len(x) < minimum_n:
        return {"reason": f"fewer than {minimum_n} values"}
    if any(np.ptp(values) <= NOISE * np.abs(values).max() for values in (x, y)):
        return {"reason": "one of the two does not vary"}
    x, y = (rankdata(values) if method == "spearman" else values - values.mean() for values in (x, y))
    if min(_spread_without_one(x), _spread_without_one(y)) < LEAST_LEFT:
        return {"reason": "one of the two varies by one value alone"}
    found = pearsonr(x, y)
    estimate = float(found.statistic)
    spread = 1.0 if method == "pearson" else 1 + estimate**2 / 2
    at = np.arctanh(np.clip(estimate, -1 + 1e-15, 1 - 1e-15))
    half = float(ndtri((1 + confidence) / 2)) * np.sqrt(spread / (len(x) - 3))
    bounds = {"lower": float(np.tanh(at - half)), "upper": float(np.tanh(at + half))}
    return {"estimate": estimate, **bounds, "p_value": float(found.pvalue)}


def _spread_without_one(values: Array) -> float:
    """What is left of the sum of squares about the mean without the value that lies farthest out, as a share."""
    squares = (values - values.mean()) ** 2
    others = np.delete(values, squares.argmax())
    return float(((others - others.mean()) ** 2).sum() / squares.sum())


@dataclass(frozen=True)
class _Design:
    """The terms of a fit, and the same centred and scaled, so that no limit depends on a unit or a zero.

    `raw` and `scaled` are rows × terms, the intercept first; `back` gives the estimates of `raw` from those of
    `scaled`; `family` numbers the predictor of each term, and `is_text` says whether it is one value of a text.
    """

    names: list[str]
    raw: Array
    scaled: Array
    back: Array
    family: Array
    is_text: Array


def _checked(
    sample: pd.DataFrame, columns: dict[str, Sequence[str]], errors: str, cluster: str | None, confidence: float
) -> Clusters | None:
    """The number of each row's cluster, None where errors are not clustered."""
    check_confidence(confidence)
    require_columns(sample, [name for names in columns.values() for name in names])
    empty = [f"{name} ({role})" for role, names in columns.items() for name in names if sample[name].isna().any()]
    if empty:
        raise ValueError(f"values are missing in: {', '.join(empty)}")
    if errors not in ("classic", "robust", "cluster"):
        raise ValueError(f"errors must be classic, robust or cluster, not {errors}")
    if errors != "cluster":
        return None
    if cluster is None:
        raise ValueError("clustered errors need the column of the cluster")
    require_keys(sample, cluster=cluster)
    return pd.factorize(sample[cluster])[0]


def _options(errors: str, clusters: Clusters | None, robust: str) -> dict[str, Any]:
    """How statsmodels is to compute these errors."""
    if clusters is not None:
        return {"cov_type": "cluster", "cov_kwds": {"groups": np.unique(clusters, return_inverse=True)[1]}}
    return {"cov_type": robust if errors == "robust" else "nonrobust"}


def _number(clusters: Clusters | None) -> float:
    return np.nan if clusters is None else float(len(np.unique(clusters)))


def _scaled_weights(sample: pd.DataFrame, weights: str | None, n: Array, errors: str) -> Array:
    """The weight of each row's units, one on average: only what units weigh beside each other counts."""
    if weights is None:
        return np.ones(len(n))
    if errors == "classic":
        raise ValueError("weights need robust or clustered errors: classic ones take a weight for so many units")
    w = numbers(sample[weights], named(weights, "weights"))
    if (w <= 0).any():
        raise ValueError(f"{named(weights, 'weights')} must be above 0")
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


def _design(sample: pd.DataFrame, predictors: Sequence[str]) -> _Design:
    """An intercept, numbers as they are, and a column for each value of a text but its first."""
    if len(set(predictors)) < len(predictors):
        raise ValueError(f"predictors must name each column once, not: {', '.join(map(str, predictors))}")
    parts: list[tuple[str, Any, int, bool]] = [("(intercept)", np.ones(len(sample)), -1, False)]
    for place, name in enumerate(predictors):
        column = sample[name]
        if pd.api.types.infer_dtype(column) in ("boolean", "integer", "floating", "mixed-integer-float", "decimal"):
            parts.append((str(name), numbers(column, named(name, "predictors")), place, False))
            continue
        require_keys(sample, predictors=name)
        parts += [
            (f"{name}: {value}", (column == value).to_numpy(float), place, True)
            for value in sorted(column.unique())[1:]
        ]
    raw = np.column_stack([part[1] for part in parts])
    centre = raw.sum(axis=0) / max(len(raw), 1)
    spread = np.sqrt(((raw - centre) ** 2).sum(axis=0) / max(len(raw), 1))
    varies = spread > NOISE * np.abs(raw).max(axis=0, initial=0)
    scale = np.where(varies, spread, 1.0)
    centre[0] = 0.0
    scaled = (raw - centre) / scale
    scaled[:, 1:] *= varies[1:]
    back = np.diag(1 / scale)
    back[0, 1:] = -centre[1:] / scale[1:]
    names, _, family, is_text = zip(*parts, strict=True)
    return _Design(list(names), raw, scaled, back, np.array(family), np.array(is_text))


def _not_estimable(design: _Design, clusters: Clusters | None) -> str | None:
    rows, terms = design.scaled.shape
    if rows <= terms:
        return "no more rows than terms"
    # Doubles near a large number are coarse: what follows from others does so but for their rounding.
    coarse = (np.abs(design.raw).max(axis=0) * np.abs(np.diag(design.back))).max()
    singular = np.linalg.svd(design.scaled, compute_uv=False)
    if singular[-1] < singular[0] * max(1e-10, 1e-15 * coarse):
        return "a predictor does not vary, or follows from the others"
    if clusters is not None and _number(clusters) < 2:
        return "fewer than two clusters"
    return None


def _separated(scaled: Array, hits: Array, n: Array) -> bool:
    """Whether some combination of terms is nowhere below 0 where there are successes, nowhere above 0 where there are
    failures, and not 0 everywhere: then the likelihood has no maximum."""
    # Over orthonormal columns the best such combination adds to 1 or more, and to 0 where there is none.
    q = np.linalg.qr(scaled)[0] * np.sqrt(len(scaled))
    mixed = (hits > 0) & (hits < n)
    margins = q[~mixed] * np.where(hits[~mixed] > 0, 1.0, -1.0)[:, None]
    if not len(margins):
        return False
    options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    best = linprog(
        -margins.sum(axis=0), A_ub=-margins, b_ub=np.zeros(len(margins)), bounds=(-1, 1), method="highs",
        A_eq=q[mixed] if mixed.any() else None, b_eq=np.zeros(mixed.sum()) if mixed.any() else None, options=options,
    )  # fmt: skip
    return bool(best.status == 0 and -best.fun > 0.5)


def _with_reasons(frame: pd.DataFrame, weighted: Array, back: Array, clusters: Clusters | None) -> pd.DataFrame:
    """Terms without the errors that rest on one row or cluster, or that are none; `weighted` as in `_rests_on_one`."""
    alone = _rests_on_one(weighted, back, clusters)
    # Beside the error that there would be if all rows were alike.
    classic = np.sqrt(np.diag(back @ np.linalg.inv(weighted.T @ weighted) @ back.T))
    frame = _without_errors(frame, (frame["standard_error"] <= 1e-6 * classic).to_numpy(), ALIKE)
    return _without_errors(frame, alone, ON_ONE_ROW if clusters is None else ON_ONE_CLUSTER)


def _rests_on_one(weighted: Array, back: Array, clusters: Clusters | None) -> Terms:
    """For each term, whether without some row or cluster less than LEAST_LEFT of its information is left.

    Args:
        weighted: Rows × terms, each row over the error of its outcome.
        back: Terms × terms, to the terms that are asked about.
        clusters: Number of each row's cluster; None for rows.
    """
    q, r = np.linalg.qr(weighted)
    directions = np.linalg.solve(r.T, back.T)
    variance = (directions**2).sum(axis=0)
    if clusters is None:
        left = np.maximum(1 - (q**2).sum(axis=1), 1e-15)
        without = variance + (q @ directions) ** 2 / left[:, None]
        return np.asarray(variance / without.max(axis=0) < LEAST_LEFT)
    most = variance
    for cluster in np.unique(clusters):
        own = q[clusters == cluster]
        left, axes = np.linalg.eigh(np.eye(len(variance)) - own.T @ own)
        most = np.maximum(most, ((axes.T @ directions) ** 2 / np.maximum(left, 1e-15)[:, None]).sum(axis=0))
    return np.asarray(variance / most < LEAST_LEFT)


def _hc3(fit: Any, design: _Design) -> Array:
    """HC3 of MacKinnon and White (1985). A row that its own term fits exactly says nothing of the other terms."""
    q, r = np.linalg.qr(design.scaled)
    left = 1 - (q**2).sum(axis=1)
    kept = np.divide(np.asarray(fit.resid), left, out=np.zeros(len(left)), where=left > 1e-10)
    root = np.linalg.solve(r, (q * kept[:, None]).T)
    covariance: Array = root @ root.T
    return covariance


def _terms(fit: Any, design: _Design, confidence: float, covariance: Array | None = None) -> pd.DataFrame:
    found = fit.t_test(design.back, cov_p=covariance)
    bounds = np.asarray(found.conf_int(alpha=1 - confidence))
    return pd.DataFrame(
        {
            "term": design.names,
            "estimate": np.ravel(found.effect),
            "standard_error": np.ravel(found.sd),
            "lower": bounds[:, 0],
            "upper": bounds[:, 1],
            "statistic": np.ravel(found.tvalue),
            "p_value": np.ravel(found.pvalue),
            "reason": None,
        }
    )


def _without_errors(frame: pd.DataFrame, terms: Terms, reason: str) -> pd.DataFrame:
    """Estimates alone of these terms, and why."""
    errors = ["standard_error", "lower", "upper", "statistic", "p_value"]
    frame.loc[terms, errors] = np.nan
    return frame.assign(reason=none_for_missing(frame["reason"].mask(terms, reason)))


def _marginal_effects(fit: Any, design: _Design, n: Array) -> Array:
    """Mean change of the probability: by the slope for a number, from the first value for a value of a text."""
    chance = np.asarray(fit.fittedvalues)
    estimates = design.back @ np.asarray(fit.params)
    log_odds = design.scaled @ np.asarray(fit.params)
    effects = [np.nan]
    for place in range(1, len(estimates)):
        if design.is_text[place]:
            own = design.family == design.family[place]
            base = log_odds - design.raw[:, own] @ estimates[own]
            change = expit(base + estimates[place]) - expit(base)
        else:
            change = estimates[place] * chance * (1 - chance)
        effects.append(float(np.average(change, weights=n)))
    return np.asarray(effects)


def _refused(reason: str, n: int, columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame([{"n": n, "reason": reason}], columns=columns)
