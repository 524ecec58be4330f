"""Regressions and correlations against certified and published figures."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import statsmodels.datasets

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
        ([1.0, 0.0, 2.0], "robust", "column weight must be above 0"),
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
