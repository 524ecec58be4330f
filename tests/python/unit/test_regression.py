"""Regressions and correlations against certified and published figures."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import statsmodels.datasets
from statsmodels.regression.linear_model import OLS

from plumbline.statistics.regression import correlation, linear, logit

NIST = Path(scipy.stats.__file__).parent / "tests" / "data"
SPECTOR = statsmodels.datasets.spector.load_pandas().data
# Greene, Econometric Analysis, table 21.1: Spector and Mazzeo's grades.
GRADES = {
    "(intercept)": (-13.02134832, 4.93132463),
    "GPA": (2.82611297, 1.26294115),
    "TUCE": (0.09515767, 0.14155421),
    "PSI": (2.37868773, 1.06456430),
}


def test_nists_line() -> None:
    # NIST StRD, Norris: b0 -0.262323073774029, b1 1.00211681802045, their errors and R².
    lines = (NIST / "nist_linregress" / "Norris.dat").read_text().splitlines()
    rows = [line.split() for line in lines[60:] if line.split()]
    frame = pd.DataFrame(rows, columns=["y", "x"]).astype(float)
    found = linear(frame, "y", ["x"], errors="classic").set_index("term")
    assert found.loc["(intercept)", "estimate"] == pytest.approx(-0.262323073774029, rel=1e-10)
    assert found.loc["x", "estimate"] == pytest.approx(1.00211681802045, rel=1e-12)
    assert found.loc["(intercept)", "standard_error"] == pytest.approx(0.232818234301152, rel=1e-9)
    assert found.loc["x", "standard_error"] == pytest.approx(0.429796848199937e-03, rel=1e-9)
    assert found.loc["x", "r_squared"] == pytest.approx(0.999993745883712, rel=1e-12)


def test_spector_and_mazzeos_grades() -> None:
    found = logit(SPECTOR, "GRADE", ["GPA", "TUCE", "PSI"], errors="classic").set_index("term")
    for term, (estimate, error) in GRADES.items():
        # The published figures stopped short of the maximum, by 1.5e-6 of the intercept: the next test says which is.
        assert found.loc[term, "estimate"] == pytest.approx(estimate, rel=2e-7)
        assert found.loc[term, "standard_error"] == pytest.approx(error, rel=2e-7)
    assert found.loc["GPA", "odds_ratio"] == pytest.approx(np.exp(2.82611297), rel=1e-6)
    # Greene's average partial effects: 0.3626 for GPA, 0.0122 for TUCE.
    assert found.loc["GPA", "marginal_effect"] == pytest.approx(0.3626, abs=5e-5)
    assert found.loc["TUCE", "marginal_effect"] == pytest.approx(0.0122, abs=5e-5)


def test_the_estimate_is_where_the_likelihood_is_flat() -> None:
    design = np.column_stack([np.ones(len(SPECTOR)), SPECTOR[["GPA", "TUCE", "PSI"]]])
    outcome = SPECTOR["GRADE"].to_numpy()

    def steepest(estimates: list[float]) -> float:
        return float(np.abs(design.T @ (outcome - 1 / (1 + np.exp(-design @ np.array(estimates))))).max())

    found = logit(SPECTOR, "GRADE", ["GPA", "TUCE", "PSI"], errors="classic")
    assert steepest(list(found["estimate"])) < 1e-10 < steepest([estimate for estimate, _ in GRADES.values()])


def audits(n: int = 3000, clusters: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    moderator = rng.integers(0, clusters, n)
    frame = pd.DataFrame(
        {
            "moderator": moderator,
            "queue": rng.choice(["ads", "live", "video"], n),
            "is_night": rng.random(n) < 0.3,
        }
    )
    odds = -2 + 0.8 * (frame["queue"] == "live") + 0.5 * frame["is_night"] + rng.normal(0, 0.6, clusters)[moderator]
    return frame.assign(is_error=(rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int))


@pytest.mark.parametrize("errors", ["classic", "cluster"])
def test_cells_give_what_rows_give(errors: str) -> None:
    frame = audits()
    by = ["moderator", "queue", "is_night"]
    cells = frame.groupby(by)["is_error"].agg(["sum", "size"]).reset_index()
    rows = logit(frame, "is_error", by[1:], errors=errors, cluster="moderator")
    summed = logit(cells, "sum", by[1:], trials="size", errors=errors, cluster="moderator")
    pd.testing.assert_frame_equal(rows, summed, rtol=1e-8)


def weighted_audits() -> pd.DataFrame:
    """Audits of which errors were drawn twice as often on some days as the rest: unweighted, nights err most."""
    frame = audits()
    rng = np.random.default_rng(7)
    chance = np.where(frame["is_night"] & (frame["is_error"] == 1), 0.9, np.where(frame["queue"] == "live", 0.2, 0.45))
    return frame.assign(weight=1 / chance)[rng.random(len(frame)) < chance].reset_index(drop=True)


def test_a_weight_of_three_is_a_unit_seen_three_times() -> None:
    """Estimates and sandwich errors by another route: each unit as often as it weighs, clustered by itself."""
    frame = weighted_audits().assign(weight=lambda own: own["weight"].round().astype(int), unit=lambda own: own.index)
    repeated = frame.loc[frame.index.repeat(frame["weight"])]
    found = logit(frame, "is_error", ["queue", "is_night"], weights="weight")
    expected = logit(repeated, "is_error", ["queue", "is_night"], errors="cluster", cluster="unit")
    units, clusters, terms = len(repeated), len(frame), len(found)
    factor = np.sqrt(clusters / (clusters - 1) * (units - 1) / (units - terms))
    assert found["estimate"].to_numpy() == pytest.approx(expected["estimate"].to_numpy(), rel=1e-9)
    assert found["marginal_effect"].to_numpy() == pytest.approx(
        expected["marginal_effect"].to_numpy(), rel=1e-9, nan_ok=True
    )
    assert found["standard_error"].to_numpy() * factor == pytest.approx(expected["standard_error"].to_numpy(), rel=1e-9)


def test_weighted_errors_worked_by_hand() -> None:
    """Of one text with two values: log odds of weighted shares, whose linearised variance is Σ(w(y - p))² / (Wpq)²."""
    frame = pd.DataFrame(
        {
            "queue": ["ads"] * 4 + ["live"] * 4,
            "is_error": [1, 0, 0, 0, 1, 1, 0, 0],
            "weight": [2.0, 4.0, 4.0, 10.0, 1.0, 1.0, 5.0, 3.0],
        }
    )
    found = logit(frame, "is_error", ["queue"], weights="weight").set_index("term").loc["queue: live"]
    # ads: 2 of 20, p 0.1; live: 2 of 10, p 0.2.
    ads = ((2 * 0.9) ** 2 + (16 + 16 + 100) * 0.1**2) / (20 * 0.1 * 0.9) ** 2
    live = ((1 + 1) * 0.8**2 + (25 + 9) * 0.2**2) / (10 * 0.2 * 0.8) ** 2
    assert found["odds_ratio"] == pytest.approx((2 / 8) / (2 / 18))
    assert found["marginal_effect"] == pytest.approx(0.2 - 0.1)
    assert found["standard_error"] == pytest.approx(np.sqrt(ads + live))


@pytest.mark.parametrize("errors", ["robust", "cluster"])
def test_the_scale_of_weights_and_the_order_of_rows_change_nothing(errors: str) -> None:
    frame = weighted_audits()
    options = {"weights": "weight", "errors": errors, "cluster": "moderator"}
    found = logit(frame, "is_error", ["queue", "is_night"], **options)
    scaled = logit(frame.assign(weight=frame["weight"] * 1e6), "is_error", ["queue", "is_night"], **options)
    shuffled = logit(frame.sample(frac=1, random_state=1), "is_error", ["queue", "is_night"], **options)
    pd.testing.assert_frame_equal(found, scaled, rtol=1e-8)
    pd.testing.assert_frame_equal(found, shuffled, rtol=1e-8)
    alike = logit(frame.assign(weight=7.0), "is_error", ["queue", "is_night"], **options)
    unweighted = logit(frame, "is_error", ["queue", "is_night"], errors=errors, cluster="moderator")
    pd.testing.assert_frame_equal(alike, unweighted, rtol=1e-8)


def test_weighted_cells_give_what_weighted_rows_give() -> None:
    frame = weighted_audits()
    by = ["moderator", "queue", "is_night"]
    sums = frame.assign(error_weight=frame["is_error"] * frame["weight"]).groupby(by)[["error_weight", "weight"]].sum()
    cells = sums.assign(n=frame.groupby(by).size()).reset_index()
    cells = cells.assign(errors=cells["n"] * cells["error_weight"] / cells["weight"], mean=cells["weight"] / cells["n"])
    options = {"errors": "cluster", "cluster": "moderator"}
    rows = logit(frame, "is_error", by[1:], weights="weight", **options)
    summed = logit(cells, "errors", by[1:], trials="n", weights="mean", **options)
    pd.testing.assert_frame_equal(rows, summed, rtol=1e-8)


def test_weights_undo_how_units_were_drawn() -> None:
    """Errors by night were drawn twice as often: without weights nights look far worse than they are."""
    whole = logit(audits(20000), "is_error", ["is_night"]).set_index("term").loc["is_night"]
    frame = weighted_audits()
    weighted = logit(frame, "is_error", ["is_night"], weights="weight").set_index("term").loc["is_night"]
    naive = logit(frame, "is_error", ["is_night"]).set_index("term").loc["is_night"]
    assert weighted["lower"] < whole["estimate"] < weighted["upper"]
    assert naive["lower"] > whole["estimate"] + 0.3


@pytest.mark.parametrize(
    ("weights", "errors", "message"),
    [
        ([1.0, 0.0, 2.0], "robust", r"column weight \(weights\) must be above 0"),
        ([1.0, None, 2.0], "robust", "values are missing in: weight"),
        ([1.0, 1.0, 2.0], "classic", "weights need robust or clustered errors"),
    ],
)
def test_weights_that_cannot_be(weights: list[float | None], errors: str, message: str) -> None:
    frame = pd.DataFrame({"x": [1, 2, 3], "y": [0, 1, 0], "weight": weights})
    with pytest.raises(ValueError, match=message):
        logit(frame, "y", ["x"], weights="weight", errors=errors)  # type: ignore[arg-type]


def test_clustered_errors_against_a_jackknife_over_moderators() -> None:
    frame = audits()
    found = logit(frame, "is_error", ["queue", "is_night"], errors="cluster", cluster="moderator")
    left_out = np.array(
        [
            logit(frame[frame["moderator"] != one], "is_error", ["queue", "is_night"], errors="classic")["estimate"]
            for one in frame["moderator"].unique()
        ]
    )
    jackknife = np.sqrt(59 / 60 * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    assert found["standard_error"].to_numpy() == pytest.approx(jackknife, rel=0.05)
    assert (found["n_clusters"] == 60).all()


def test_an_effect_of_one_value_of_a_text() -> None:
    # With one predictor, the marginal effect is the difference of the two shares, the odds ratio that of the table.
    frame = pd.DataFrame(
        {"queue": ["ads"] * 100 + ["live"] * 50, "is_error": [1] * 10 + [0] * 90 + [1] * 15 + [0] * 35}
    )
    found = logit(frame, "is_error", ["queue"]).set_index("term").loc["queue: live"]
    assert found["marginal_effect"] == pytest.approx(0.3 - 0.1)
    assert found["odds_ratio"] == pytest.approx((15 / 35) / (10 / 90))


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_correlations_against_scipy(method: str) -> None:
    frame = SPECTOR[["GPA", "TUCE"]]
    row = correlation(frame, method=method).iloc[0]
    if method == "pearson":
        expected = scipy.stats.pearsonr(frame["GPA"], frame["TUCE"])
        bounds = expected.confidence_interval(0.95)
        assert (row["lower"], row["upper"]) == pytest.approx((bounds.low, bounds.high))
    else:
        expected = scipy.stats.spearmanr(frame["GPA"], frame["TUCE"])
    assert row["estimate"] == pytest.approx(expected.statistic)
    assert row["p_value"] == pytest.approx(expected.pvalue)


def test_pairs_are_corrected_for_their_number() -> None:
    found = correlation(SPECTOR)
    assert len(found) == 6
    assert (found["adjusted_p_value"] >= found["p_value"]).all()
    assert found["adjusted_p_value"].to_numpy() == pytest.approx(
        scipy.stats.false_discovery_control(found["p_value"].to_numpy())
    )


def test_too_few_or_constant_values_do_not_correlate() -> None:
    frame = pd.DataFrame({"a": range(20), "b": [1] * 20, "c": [None] * 15 + list(range(5))})
    assert correlation(frame)["reason"].tolist() == [
        "one of the two does not vary",
        "fewer than 10 values",
        "fewer than 10 values",
    ]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (audits().assign(is_error=0), "every outcome is the same"),
        (audits().drop_duplicates("is_error"), "no more rows than terms"),
        (audits().assign(queue="ads"), None),
        (audits().assign(is_night=1), "a predictor does not vary, or follows from the others"),
        (audits().assign(moderator=1), "fewer than two clusters"),
        (audits().assign(is_error=lambda rows: (rows["queue"] == "live").astype(int)), "perfectly"),
    ],
)
def test_what_cannot_be_estimated_says_why(frame: pd.DataFrame, reason: str | None) -> None:
    found = logit(frame, "is_error", ["queue", "is_night"], errors="cluster", cluster="moderator")
    if reason is None:
        assert found["reason"].isna().all()
    else:
        assert len(found) == 1
        assert reason in found.iloc[0]["reason"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: logit(audits(), "is_error", ["nothing"]), "missing columns: nothing"),
        (lambda: logit(audits().assign(is_error=2), "is_error", ["queue"]), "must not be above"),
        (lambda: logit(audits().assign(queue=None), "is_error", ["queue"]), "values are missing in: queue"),
        (lambda: linear(audits(), "is_error", ["queue"], errors="cluster"), "need the column of the cluster"),
        (lambda: linear(audits(), "is_error", ["queue"], errors="huber"), "errors must be"),
        (lambda: correlation(SPECTOR, method="kendall"), "method must be"),
    ],
)
def test_bad_input_is_an_error_that_says_what_is_wrong(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


# Made up: twenty decisions, escalated or not all along the share that was reported; figures by statsmodels' Logit.
ESCALATED = pd.DataFrame(
    {"share": np.linspace(0.001, 0.05, 20), "escalated": [int(one) for one in "00010010110110111011"]}
).assign(person=np.arange(20) // 2)


@pytest.mark.parametrize("errors", ["classic", "robust", "cluster"])
@pytest.mark.parametrize("zero", [0, 2026, 1.7e9])
@pytest.mark.parametrize("scale", [1e-12, 1, 100, 1e9])
def test_units_and_zeros_of_a_predictor_decide_nothing(scale: float, zero: float, errors: str) -> None:
    moved = ESCALATED.assign(share=(ESCALATED["share"] * 1e3 + zero) * scale)
    found = logit(moved, "escalated", ["share"], errors=errors, cluster="person").set_index("term")
    assert found["reason"].isna().all()
    row = found.loc["share"]
    assert row["estimate"] * scale * 1e3 == pytest.approx(72.659651, rel=1e-4)
    # Of the slope: nearer than the seventh digit, timestamps have none.
    if errors == "robust":
        assert row["standard_error"] * scale * 1e3 == pytest.approx(37.124633, rel=1e-4)
        assert row["p_value"] == pytest.approx(0.050326, rel=1e-3)
    if zero == 0:
        assert found.loc["(intercept)", "estimate"] == pytest.approx(-1.596903, rel=1e-6)


@pytest.mark.parametrize("zero", [0, 2026, 1.7e9])
@pytest.mark.parametrize("scale", [1e-12, 1, 1e9])
def test_units_and_zeros_decide_nothing_of_a_line(scale: float, zero: float) -> None:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({"x": np.arange(30.0), "y": np.arange(30) + rng.normal(0, 9, 30)})
    expected = scipy.stats.linregress(frame["x"], frame["y"])
    moved = frame.assign(x=(frame["x"] + zero) * scale, y=(frame["y"] + zero) * scale)
    row = linear(moved, "y", ["x"], errors="classic").set_index("term").loc["x"]
    assert row["reason"] is None
    assert row["estimate"] == pytest.approx(expected.slope, rel=1e-5)
    assert row["standard_error"] == pytest.approx(expected.stderr, rel=1e-5)
    for method in ("pearson", "spearman"):
        plain, found = (correlation(one, method=method).iloc[0] for one in (frame, moved))
        assert found["estimate"] == pytest.approx(plain["estimate"], rel=1e-5)


def separated(kind: str, scale: float, zero: float) -> pd.DataFrame:
    """Outcomes that some rule on the predictors tells: of all units, or of those beside a border."""
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60), "queue": ["a", "b", "c"] * 20, "n": 4})
    y = {
        "by one": frame["x"] > 0.3,
        "by one, but at the border": (frame["x"] > 0) | ((frame["x"].abs() < 0.4) & (frame["z"] > 0)),
        "by two together": frame["x"] + frame["z"] > 0.1,
        "one value of a text": (frame["queue"] == "b") | (frame["z"] > 0),
    }[kind]
    if kind == "by one, but at the border":  # all of one side and both at the border itself
        frame["x"] = np.where(frame["x"].abs() < 0.4, 0.0, frame["x"])
    moved = frame.assign(x=(frame["x"] + zero) * scale, z=(frame["z"] + zero) * scale)
    return moved.assign(y=y.astype(int), of_cell=4 * y.astype(int), person=np.arange(60) % 12)


@pytest.mark.parametrize("kind", ["by one", "by one, but at the border", "by two together", "one value of a text"])
@pytest.mark.parametrize(("scale", "zero"), [(1, 0), (1e-9, 0), (1e9, 0), (1, 2026)])
def test_separation_is_refused_in_any_unit(kind: str, scale: float, zero: float) -> None:
    frame = separated(kind, scale, zero)
    for options in ({}, {"errors": "classic"}, {"errors": "cluster", "cluster": "person"}):
        for outcome, trials in (("y", None), ("of_cell", "n")):
            found = logit(frame, outcome, ["x", "z", "queue"], trials=trials, **options)
            assert found["reason"].tolist() == ["a predictor, or several together, tells the outcome perfectly"]
    # One outcome on the other side of every rule, and there is an answer again.
    odd = frame.iloc[[frame["x"].argmax(), frame["x"].argmin()]].assign(y=[0, 1])
    odd = pd.concat([odd.assign(queue=queue) for queue in "abc"])
    mended = pd.concat([frame, odd, odd.assign(z=frame["z"].mean())])
    assert logit(mended, "y", ["x", "z", "queue"])["reason"].isna().all()


def test_a_strong_effect_is_no_separation() -> None:
    # Two cells, odds of 1 to 9,999 and back: log odds ratio 2 log 9,999, by hand.
    frame = pd.DataFrame({"side": ["a", "b"] * 2, "hits": [1, 9999, 1, 9999], "n": 10000})
    row = logit(frame, "hits", ["side"], trials="n", errors="classic").iloc[1]
    assert row["reason"] is None
    assert row["estimate"] == pytest.approx(2 * np.log(9999), rel=1e-9)


@pytest.mark.parametrize(
    "twin",
    [
        lambda minutes: minutes / 60,
        lambda minutes: 1.7e9 + 60 * minutes,
        lambda minutes: minutes * 1e-12,
        lambda minutes: 0.1 + 0.2 - 0.3 + 0 * minutes,
        lambda minutes: 2026 + 0 * minutes,
    ],
)
@pytest.mark.parametrize("function", [linear, logit])
def test_the_same_in_another_unit_follows_from_the_others(twin: object, function: object) -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"minutes": rng.integers(1, 500, 90).astype(float), "y": rng.integers(0, 2, 90)})
    found = function(frame.assign(twin=twin(frame["minutes"])), "y", ["minutes", "twin"])
    assert found["reason"].tolist() == ["a predictor does not vary, or follows from the others"]


def test_robust_errors_are_those_of_statsmodels() -> None:
    frame = audits().assign(hours=lambda rows: np.arange(len(rows)) % 7 + rows["is_error"])
    design = np.column_stack(
        [np.ones(len(frame)), frame["queue"] == "live", frame["queue"] == "video", frame["is_night"]]
    )
    expected = OLS(frame["hours"].to_numpy(float), design.astype(float)).fit(cov_type="HC3", use_t=True)
    found = linear(frame, "hours", ["queue", "is_night"])
    assert found["standard_error"].to_numpy() == pytest.approx(expected.bse, rel=1e-9)
    assert found["p_value"].to_numpy() == pytest.approx(expected.pvalues, rel=1e-7)


@pytest.mark.parametrize("errors", ["robust", "cluster"])
def test_a_term_that_rests_on_one_row_or_person_has_no_error(errors: str) -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"x": rng.normal(size=40), "site": ["a", "b"] * 20, "person": np.arange(40) // 4})
    alone = frame["person"] == 3 if errors == "cluster" else frame.index == 7
    frame = frame.assign(site=frame["site"].mask(alone, "lone"), y=frame["x"] + rng.normal(size=40))
    found = linear(frame, "y", ["x", "site"], errors=errors, cluster="person").set_index("term")
    lone, others = found.loc["site: lone"], found.drop("site: lone")
    assert lone["reason"].startswith("rests on one cluster" if errors == "cluster" else "rests on one row")
    assert np.isfinite(lone["estimate"])
    assert lone[["standard_error", "lower", "upper", "statistic", "p_value"]].isna().all()
    assert others["reason"].isna().all()
    if errors == "robust":  # the others are as if it were not there
        without = linear(frame[~alone], "y", ["x", "site"]).set_index("term")
        pd.testing.assert_series_equal(others["standard_error"], without["standard_error"], rtol=1e-9)


def test_a_slope_through_one_far_point_has_no_error() -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"x": [*rng.normal(size=30), 1e4], "y": [*rng.normal(size=30), 1e4]})
    assert linear(frame, "y", ["x"]).set_index("term").loc["x", "reason"].startswith("rests on one row")
    row = correlation(frame, method="pearson").iloc[0]
    assert row["reason"] == "one of the two varies by one value alone"
    # Ranks do not see how far it lies.
    assert correlation(frame, method="spearman").iloc[0]["reason"] is None
    single = pd.DataFrame({"x": [0.0] * 19 + [1], "y": np.arange(20.0)})
    assert correlation(single, method="spearman").iloc[0]["reason"] == "one of the two varies by one value alone"


def test_what_follows_exactly_leaves_no_error() -> None:
    frame = pd.DataFrame({"x": np.arange(12.0), "y": 0.1 * np.arange(12) + 3})
    found = linear(frame, "y", ["x"])
    assert found["estimate"].to_numpy() == pytest.approx([3, 0.1])
    assert found["standard_error"].isna().all()
    assert set(found["reason"]) == {"the predictors tell the outcome exactly: nothing is left to measure errors by"}
    assert linear(frame.assign(y=0.3), "y", ["x"])["reason"].tolist() == ["every outcome is the same"]


def test_cells_without_units_say_nothing() -> None:
    frame = pd.DataFrame({"queue": ["a", "b", "c", "a"], "hits": [10, 15, 0, 11], "n": [100, 50, 0, 90]})
    pd.testing.assert_frame_equal(
        logit(frame, "hits", ["queue"], trials="n"), logit(frame[frame["n"] > 0], "hits", ["queue"], trials="n")
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: correlation(SPECTOR.assign(GPA="x"), ["GPA", "TUCE"]), r"column GPA \(variables\) must hold"),
        (lambda: correlation(SPECTOR, ["GPA", "GPA"]), "variables must name each column once"),
        (lambda: linear(audits(), "is_error", ["queue", "queue"]), "predictors must name each column once"),
        (lambda: linear(audits(), "is_error", ["queue"], errors="cluster", cluster="no"), "missing columns: no"),
        (lambda: logit(audits().replace({"queue": {"ads": 3}}), "is_error", ["queue"]), "mixes texts with other"),
    ],
)
def test_columns_that_do_not_fit_are_an_error(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_clusters_and_cells_that_are_copies_leave_no_error() -> None:
    # Each person misses the line by the same: sums of residuals by person are 0, as would be the error.
    one = pd.DataFrame({"x": [1.0, 2, 3, 4], "y": [1.0, 3, 2, 5]})
    copies = pd.concat([one.assign(person=name) for name in "abcde"])
    found = linear(copies, "y", ["x"], errors="cluster", cluster="person")
    assert all(reason.startswith("rows, or clusters, do not differ") for reason in found["reason"])
    assert found[["standard_error", "lower", "p_value"]].isna().all(axis=None)
    cells = pd.DataFrame({"queue": ["a", "b"] * 2, "hits": [10, 15] * 2, "n": [100, 50] * 2})
    found = logit(cells, "hits", ["queue"], trials="n")
    # By hand: (15/35) / (10/90).
    assert found["odds_ratio"].iloc[1] == pytest.approx((15 / 35) / (10 / 90))
    assert all(reason.startswith("rows, or clusters, do not differ") for reason in found["reason"])


def test_one_unit_far_out_that_fits_changes_nothing_until_nothing_else_is_seen() -> None:
    plain = logit(ESCALATED, "escalated", ["share"], errors="classic").set_index("term").loc["share"]
    for far in (1, 10, 1e3):
        more = pd.concat([ESCALATED, pd.DataFrame({"share": [far], "escalated": [1]})])
        row = logit(more, "escalated", ["share"], errors="classic").set_index("term").loc["share"]
        assert row["estimate"] == pytest.approx(plain["estimate"], rel=1e-6)
        assert row["standard_error"] == pytest.approx(plain["standard_error"], rel=1e-5)
    for far in (1e6, 1e12):
        more = pd.concat([ESCALATED, pd.DataFrame({"share": [far], "escalated": [1]})])
        assert logit(more, "escalated", ["share"])["reason"].tolist() == [
            "one value of a predictor lies so far out that the others look the same beside it"
        ]
