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
    # The small-sample factor of clustered errors counts rows: (n - 1) / (n - k).
    compared = ["term", "estimate", "odds_ratio", "marginal_effect", "n"]
    pd.testing.assert_frame_equal(rows[compared], summed[compared], rtol=1e-6)
    assert summed["standard_error"].to_numpy() == pytest.approx(rows["standard_error"].to_numpy(), rel=0.01)


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
