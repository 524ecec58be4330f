"""Comparisons against certified and published figures, and SciPy on raw rows."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from plumbline.statistics.comparison import (
    adjust,
    against_others,
    anova,
    chi_square,
    mean_interval,
    pairwise,
    standardise,
    standardised_pairs,
    t_test,
    welch_anova,
)

NIST = Path(scipy.stats.__file__).parent / "tests" / "data"
# R, dataset sleep: extra hours of sleep under two drugs.
SLEEP = {"1": "0.7 -1.6 -0.2 -1.2 -0.1 3.4 3.7 0.8 0 2", "2": "1.9 0.8 1.1 0.1 -0.1 4.4 5.5 1.6 4.6 3.4"}


def groups(seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    parts = [("a", 12, 5, 1), ("b", 20, 6, 3), ("c", 9, 5, 0.5), ("d", 30, 7, 2)]
    return pd.concat(
        pd.DataFrame({"group": name, "value": rng.normal(mean, spread, n)}) for name, n, mean, spread in parts
    )


def sums_of(frame: pd.DataFrame) -> pd.DataFrame:
    by = frame.groupby("group")["value"]
    return pd.DataFrame({"n": by.size(), "mean": by.mean(), "variance": by.var()}).reset_index()


def test_nists_resistances() -> None:
    # NIST StRD, SiRstv: F 1.18046237440255 on 4 and 20 degrees of freedom.
    lines = (NIST / "nist_anova" / "SiRstv.dat").read_text().splitlines()
    rows = [line.split() for line in lines[60:] if line.split()]
    frame = pd.DataFrame(rows, columns=["group", "value"]).astype({"value": float})
    row = anova(frame).iloc[0]
    assert (row["df_between"], row["df_within"]) == (4, 20)
    assert row["statistic"] == pytest.approx(1.18046237440255, rel=1e-12)


def test_welch_on_students_sleep() -> None:
    # R: t.test(extra ~ group, sleep): t = -1.8608, df = 17.776, p-value = 0.07939, interval -3.3654832 0.2054832.
    frame = pd.DataFrame([(name, float(text)) for name, texts in SLEEP.items() for text in texts.split()])
    row = t_test(frame.set_axis(["group", "value"], axis=1)).iloc[0]
    assert row["statistic"] == pytest.approx(-1.8608135, abs=5e-8)
    assert row["df"] == pytest.approx(17.776474, abs=5e-7)
    assert row["p_value"] == pytest.approx(0.07939414, abs=5e-9)
    assert (row["lower"], row["upper"]) == (pytest.approx(-3.3654832, abs=5e-8), pytest.approx(0.2054832, abs=5e-8))


def test_two_groups_of_welch_are_the_t_test_squared() -> None:
    frame = groups()
    two = frame[frame["group"].isin(["a", "b"])]
    assert welch_anova(two).iloc[0]["statistic"] == pytest.approx(t_test(two).iloc[0]["statistic"] ** 2, rel=1e-9)


@pytest.mark.parametrize("function", [anova, welch_anova, pairwise])
def test_sums_give_what_rows_give(function: object) -> None:
    frame = groups()
    pd.testing.assert_frame_equal(function(frame), function(sums_of(frame)), rtol=1e-9)


@pytest.mark.parametrize(("method", "equal"), [("tukey", True), ("games_howell", False)])
def test_pairs_against_scipy(method: str, equal: bool) -> None:
    frame = groups()
    values = [own["value"].to_numpy() for _, own in frame.groupby("group")]
    expected = scipy.stats.tukey_hsd(*values, equal_var=equal)
    bounds = expected.confidence_interval(0.95)
    found = pairwise(frame, method=method)
    assert len(found) == 6
    for row in found.itertuples():
        at = "abcd".index(row.group_1), "abcd".index(row.group_2)
        assert row.estimate == pytest.approx(expected.statistic[at], rel=1e-9)
        assert row.p_value == pytest.approx(expected.pvalue[at], abs=1e-7)
        assert (row.lower, row.upper) == pytest.approx((bounds.low[at], bounds.high[at]), abs=1e-6)


def test_intervals_of_means_against_scipy() -> None:
    values = groups()
    by = values.groupby("group")["value"]
    found = mean_interval(by.size(), by.sum(), by.apply(lambda own: (own**2).sum()))
    for row, (_, own) in zip(found.itertuples(), by, strict=True):
        expected = scipy.stats.ttest_1samp(own, 0).confidence_interval(0.95)
        assert (row.lower, row.upper) == pytest.approx((expected.low, expected.high), rel=1e-9)


def test_one_value_has_a_mean_and_no_interval() -> None:
    found = mean_interval([0, 1, 3], [0, 5, 0.3], [0, 25, 0.03])
    assert found["estimate"].tolist() == [pytest.approx(np.nan, nan_ok=True), 5, pytest.approx(0.1)]
    assert found["lower"].isna().all()


def test_chi_square_of_a_table() -> None:
    # By hand: [[10, 20], [30, 20]]: expected 15, 15, 25, 25; 25 × (2/15 + 2/25) = 5.3333; V = root of that over 80.
    row = chi_square([[10, 20], [30, 20]]).iloc[0]
    assert row["statistic"] == pytest.approx(16 / 3)
    assert row["cramers_v"] == pytest.approx(np.sqrt(16 / 3 / 80))
    assert (row["df"], row["least_expected"], row["n"]) == (1, 15, 80)
    assert row["p_value"] == pytest.approx(scipy.stats.chi2.sf(16 / 3, 1))


# A vendor that does harder work: worse raw, better on each queue.
CELLS = pd.DataFrame(
    [
        ("better", "hard", 900, 720),
        ("better", "easy", 100, 98),
        ("other", "hard", 100, 75),
        ("other", "easy", 900, 864),
    ],
    columns=["group", "cell", "n", "successes"],
)


def test_a_better_vendor_on_harder_queues() -> None:
    found = standardise(CELLS).set_index("group")
    # By hand: both queues have 1,000 of 2,000, so each standardised share is the mean of the two queues'.
    assert found["raw"].to_dict() == {"better": pytest.approx(0.818), "other": pytest.approx(0.939)}
    assert found["standardised"].to_dict() == {"better": pytest.approx(0.89), "other": pytest.approx(0.855)}
    assert (found["overlap"] == 1).all()
    assert found.loc["better", "lower"] < 0.89 < found.loc["better", "upper"]


def test_what_only_one_group_does_is_outside_the_overlap() -> None:
    more = pd.concat([CELLS, pd.DataFrame([("other", "own", 2000, 2000)], columns=CELLS.columns)])
    found = standardise(more).set_index("group")
    assert found["overlap"].tolist() == [0.5, 0.5]
    assert found.loc["other", "standardised"] == pytest.approx(0.855)


def test_no_common_cell_has_no_standard() -> None:
    found = standardise(CELLS.iloc[[0, 3]])
    assert found["standardised"].isna().all()
    assert set(found["reason"]) == {"no cell that all groups have"}


def test_pairs_of_vendors_raw_and_standardised() -> None:
    row = standardised_pairs(CELLS).iloc[0]
    assert (row["group_1"], row["group_2"]) == ("better", "other")
    assert row["raw_difference"] == pytest.approx(0.818 - 0.939)
    assert row["raw_upper"] < 0
    assert row["estimate"] == pytest.approx(0.89 - 0.855)
    # By hand: half of either queue, each queue with the variance of its vendor as a whole.
    smooth = [(818.5 / 1001), (939.5 / 1001)]
    variance = sum(0.25 * p * (1 - p) * (1 / 900 + 1 / 100) for p in smooth)
    assert row["standard_error"] == pytest.approx(np.sqrt(variance), rel=1e-9)
    assert row["p_value"] == pytest.approx(2 * scipy.stats.norm.sf(0.035 / np.sqrt(variance)), rel=1e-9)


def test_each_group_against_all_others() -> None:
    third = pd.DataFrame([("third", "hard", 500, 400), ("third", "easy", 500, 475)], columns=CELLS.columns)
    found = against_others(pd.concat([CELLS, third])).set_index("group")
    # By hand: the others of "better" have 475 of 600 right on the hard queue and 1,339 of 1,400 on the easy one.
    others = pd.DataFrame([("zzz", "hard", 600, 475), ("zzz", "easy", 1400, 1339)], columns=CELLS.columns)
    pair = standardised_pairs(pd.concat([CELLS[CELLS["group"] == "better"], others])).iloc[0]
    for column in ("raw_difference", "estimate", "lower", "upper", "p_value"):
        assert found.loc["better", column] == pytest.approx(pair[column], rel=1e-12)
    assert found["n"].tolist() == [1000, 1000, 1000]
    assert found["adjusted_p_value"].to_numpy() == pytest.approx(
        scipy.stats.false_discovery_control(found["p_value"].to_numpy())
    )


def test_a_group_alone_has_nobody_to_be_held_against() -> None:
    assert against_others(CELLS[CELLS["group"] == "better"]).empty


def test_heavier_units_are_fewer() -> None:
    """Ten times the weight on the same audits: the difference is the same, and so is its error."""
    heavy = CELLS.assign(effective_n=CELLS["n"], n=10 * CELLS["n"], successes=10 * CELLS["successes"])
    found, plain = standardised_pairs(heavy, effective_n="effective_n"), standardised_pairs(CELLS)
    pd.testing.assert_frame_equal(found, plain, rtol=1e-9)


def test_small_groups_are_not_compared() -> None:
    small = CELLS.assign(n=[10, 5, 100, 900], successes=[8, 5, 75, 864])
    assert standardised_pairs(small)["reason"].tolist() == ["fewer than 30 units of either"]


def test_adjusted_p_values() -> None:
    # R: p.adjust(c(0.5, 0.01, 0.03, 0.02), "BH") and "holm".
    p_values = [0.5, 0.01, 0.03, 0.02]
    assert adjust(p_values) == pytest.approx([0.5, 0.04, 0.04, 0.04])
    assert adjust(p_values, method="holm") == pytest.approx([0.5, 0.04, 0.06, 0.06])


def test_missing_p_values_do_not_count() -> None:
    assert adjust([0.01, None, 0.04]) == pytest.approx([0.02, np.nan, 0.04], nan_ok=True)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (
            pd.DataFrame({"group": ["a"], "n": [5], "mean": [1.0], "variance": [1.0]}),
            "fewer than two groups of two values",
        ),
        (pd.DataFrame({"group": ["a", "b"], "value": [1.0, 2.0]}), "fewer than two groups of two values"),
        (pd.DataFrame({"group": ["a", "a", "b", "b"], "value": [1.0, 1.0, 2.0, 2.0]}), "no group varies"),
    ],
)
def test_too_little_to_compare_gives_a_reason(frame: pd.DataFrame, reason: str) -> None:
    row = anova(frame).iloc[0]
    assert row["reason"] == reason
    assert pd.isna(row["p_value"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: anova(pd.DataFrame({"group": ["a"]})), "missing columns"),
        (lambda: anova(pd.DataFrame({"group": ["a"], "value": [None]})), "finite numbers"),
        (lambda: t_test(groups()), "two groups are compared, not 4"),
        (lambda: adjust([1.5]), "between 0 and 1"),
        (lambda: adjust([0.5], method="bonferroni"), "method must be"),
        (lambda: chi_square([[1, -1], [2, 2]]), "must hold counts"),
        (lambda: standardise(CELLS.assign(successes=2000)), "more successes than units"),
    ],
)
def test_bad_input_is_an_error_that_says_what_is_wrong(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_group_that_is_missing_is_an_error_and_no_group_less() -> None:
    frame = pd.concat([groups(), pd.DataFrame({"group": [None], "value": [3.0]})])
    for function in (anova, welch_anova, pairwise, t_test):
        with pytest.raises(ValueError, match="column group is missing in 1 of 72 rows, first in row 72"):
            function(frame)
    for function in (standardise, standardised_pairs, against_others):
        for column in ("group", "cell"):
            with pytest.raises(ValueError, match=f"column {column} is missing in 1 of 4 rows, first in row 2"):
                function(CELLS.assign(**{column: CELLS[column].where(CELLS.index != 1)}))


@pytest.mark.parametrize("function", [standardise, standardised_pairs, against_others])
def test_a_group_and_cell_that_are_there_twice_are_an_error(function: object) -> None:
    with pytest.raises(ValueError, match="column group and column cell are the same in more than one row: other, hard"):
        function(pd.concat([CELLS, CELLS.iloc[[2]]]))


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (pd.Series([1.0, 2.0, 1.0], ["hard", "easy", "hard"]), "reference names a reference twice: hard"),
        (pd.Series([1.0, None], ["hard", "easy"]), "reference must hold counts"),
        (pd.Series([1.0, 1.0], ["hard", None]), "reference is missing in 1 of 2 rows"),
        (pd.Series([0.0], ["hard"]), "some cell a weight above 0"),
    ],
)
def test_a_reference_is_a_weight_for_each_cell(reference: "pd.Series[float]", message: str) -> None:
    with pytest.raises(ValueError, match=message):
        standardise(CELLS, reference=reference)


@pytest.mark.parametrize("value", [0.1, 1e-12, 1.7e9 + 0.1])
def test_groups_of_the_same_values_have_no_error_however_doubles_round(value: float) -> None:
    frame = pd.DataFrame({"group": ["a"] * 7 + ["b"] * 7, "value": [value] * 7 + [3 * value] * 7})
    assert t_test(frame).iloc[0]["reason"] == "no group varies"
    assert anova(frame).iloc[0]["reason"] == "no group varies"
    assert welch_anova(frame).iloc[0]["reason"] == "a group does not vary"
    for method in ("tukey", "games_howell"):
        row = pairwise(frame, method=method).iloc[0]
        assert (row["reason"], row["estimate"]) == ("no group varies", pytest.approx(-2 * value))
        assert pd.isna(row["lower"])


@pytest.mark.parametrize("scale", [1e-12, 1, 1e12])
def test_one_group_that_does_not_vary(scale: float) -> None:
    # Welch's error is then that of the other: a third of a variance of 1, on 2 degrees of freedom.
    frame = pd.DataFrame({"group": ["a"] * 3 + ["b"] * 3, "value": np.array([0.1, 0.1, 0.1, 1, 2, 3]) * scale})
    row = t_test(frame).iloc[0]
    assert row["df"] == pytest.approx(2)
    assert row["statistic"] == pytest.approx(-1.9 / np.sqrt(1 / 3))
    assert welch_anova(frame).iloc[0]["reason"] == "a group does not vary"


def test_no_variance_in_any_cell_is_no_interval_of_no_width() -> None:
    found = standardise(CELLS.assign(variance=0), variance="variance")
    assert set(found["reason"]) == {"no variance in any cell: nothing tells the error"}
    assert found["lower"].isna().all()


def test_sums_that_no_values_have_are_an_error() -> None:
    with pytest.raises(ValueError, match="not the sums of the same values"):
        mean_interval(2, 8, 8)
    with pytest.raises(ValueError, match="p_values must hold finite numbers"):
        adjust([0.5, "x"])
