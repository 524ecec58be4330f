"""Agreement against published figures."""

import krippendorff
import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from statsmodels.stats.tests.test_inter_rater import diagnoses

from plumbline.statistics.agreement import agreement, agreement_from_counts, cohen_kappa, strictness

# 12 units rated by 4 raters, gaps as dashes: Gwet, cac.raw4raters in the R package irrCAC.
RATERS = ["1 2 3 3 2 1 4 1 2 - - -", "1 2 3 3 2 2 4 1 2 5 - -", "- 3 3 3 2 3 4 2 2 5 1 3", "1 2 3 3 2 4 4 1 2 5 1 -"]
# Two raters of 100 cases: Gwet, cont3x3abstractors in irrCAC.
TABLE = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]


def ratings_of(raters: list[str]) -> pd.DataFrame:
    ratings = [
        (unit, number, int(label))
        for number, rater in enumerate(raters)
        for unit, label in enumerate(rater.split())
        if label != "-"
    ]
    return pd.DataFrame(ratings, columns=["item_id", "rater_id", "label"])


def counts_of(raters: list[str], by: str = "item_id") -> pd.DataFrame:
    return ratings_of(raters).value_counts([by, "label"]).rename("ratings").reset_index()


def ratings_of_table(table: list[list[int]]) -> pd.DataFrame:
    cells = [(a, b, k) for a, row in enumerate(table) for b, cell in enumerate(row) for k in range(cell)]
    ratings = [(cell, rater, cell[rater]) for cell in cells for rater in (0, 1)]
    return pd.DataFrame(
        [(str(item), rater, label) for item, rater, label in ratings], columns=["item_id", "rater_id", "label"]
    )


def of(found: pd.DataFrame, coefficient: str) -> pd.Series:
    return found.set_index("coefficient").loc[coefficient]


# irrCAC, vignette "overview": pa.coeff.raw, fleiss.kappa.raw, gwet.ac1.raw, conger.kappa.raw, bp.coeff.raw.
@pytest.mark.parametrize(
    ("coefficient", "estimate", "standard_error"),
    [
        ("percent_agreement", 0.8181818, 0.12561),
        ("fleiss_kappa", 0.76117, 0.15302),
        ("gwet_ac1", 0.77544, 0.14295),
        ("conger_kappa", 0.76282, 0.14917),
        ("brennan_prediger", 0.77273, None),
        ("krippendorff_alpha", 0.743421, None),
    ],
)
def test_gwets_four_raters(coefficient: str, estimate: float, standard_error: float | None) -> None:
    row = of(agreement(ratings_of(RATERS)), coefficient)
    assert row["estimate"] == pytest.approx(estimate, abs=5e-6)
    if standard_error is not None:
        assert row["standard_error"] == pytest.approx(standard_error, abs=5e-6)
    assert (row["n_items"], row["n_raters"], row["reason"]) == (12, 4, None)


def test_the_published_interval_of_percent_agreement() -> None:
    row = of(agreement(ratings_of(RATERS)), "percent_agreement")
    assert (row["lower"], row["upper"]) == (pytest.approx(0.542, abs=5e-4), 1)


def test_ordinal_alpha_of_gwets_four_raters() -> None:
    row = of(agreement(ratings_of(RATERS), level="ordinal"), "krippendorff_alpha")
    assert row["estimate"] == pytest.approx(0.815388, abs=5e-7)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_alpha_and_its_jackknife_agree_with_the_library_krippendorff(level: str) -> None:
    wide = ratings_of(RATERS).pivot(index="rater_id", columns="item_id", values="label").to_numpy(float)
    paired = np.flatnonzero(np.isfinite(wide).sum(axis=0) >= 2)
    estimate = krippendorff.alpha(wide, level_of_measurement=level)
    without = [krippendorff.alpha(np.delete(wide, item, axis=1), level_of_measurement=level) for item in paired]
    pseudo = estimate + (len(paired) - 1) * (estimate - np.array(without))
    row = of(agreement(ratings_of(RATERS), level=level), "krippendorff_alpha")
    assert row["estimate"] == pytest.approx(estimate, rel=1e-12)
    error = np.sqrt(((pseudo - estimate) ** 2).sum() / (len(paired) * (len(paired) - 1)))
    assert row["standard_error"] == pytest.approx(error, rel=1e-9)


def test_alpha_of_many_raters_agrees_with_the_library_krippendorff() -> None:
    rng = np.random.default_rng(5)
    wide = rng.integers(0, 5, (30, 200)).astype(float)
    wide[rng.random(wide.shape) < 0.6] = np.nan
    rater, item = np.nonzero(np.isfinite(wide))
    ratings = pd.DataFrame({"item_id": item, "rater_id": rater, "label": wide[rater, item]})
    for level in ("nominal", "ordinal", "interval", "ratio"):
        expected = krippendorff.alpha(wide, level_of_measurement=level)
        row = of(agreement(ratings, level=level), "krippendorff_alpha")
        assert row["estimate"] == pytest.approx(expected, abs=1e-12)


def test_fleiss_of_thirty_patients_and_six_psychiatrists() -> None:
    # Fleiss 1971: 0.430, to seven digits 0.4302445.
    frame = (
        pd.DataFrame(diagnoses).rename_axis("item_id").melt(ignore_index=False, var_name="rater_id", value_name="label")
    )
    row = of(agreement(frame.reset_index()), "fleiss_kappa")
    assert row["estimate"] == pytest.approx(0.4302445, abs=5e-8)


def test_cohens_kappa_of_a_table() -> None:
    # irrCAC, kappa2.table: 0.7964094, standard error 0.05891072, interval (0.680, 0.913).
    row = cohen_kappa(TABLE).iloc[0]
    assert row["estimate"] == pytest.approx(0.7964094, abs=5e-8)
    assert row["standard_error"] == pytest.approx(0.05891072, abs=5e-9)
    # The vignette's interval is Student's on n - 1, this one the normal.
    assert (row["lower"], row["upper"]) == (pytest.approx(0.681, abs=1e-3), pytest.approx(0.912, abs=1e-3))


def test_two_raters_ratings_give_cohens_kappa_of_their_table() -> None:
    row = of(agreement(ratings_of_table(TABLE)), "cohen_kappa")
    assert row["estimate"] == pytest.approx(0.7964094, abs=5e-8)


def test_ac1_of_a_table() -> None:
    # irrCAC, gwet.ac1.table: 0.8493305, standard error 0.04321747 by n; from ratings its divisor is n - 1.
    row = of(agreement(ratings_of_table(TABLE)), "gwet_ac1")
    assert row["estimate"] == pytest.approx(0.8493305, abs=5e-8)
    assert row["standard_error"] * np.sqrt(99 / 100) == pytest.approx(0.04321747, abs=5e-9)


def test_quadratic_weights_count_the_square_of_the_distance() -> None:
    # One minus the observed over the expected mean squared distance, by hand: 11 pairs are one apart, none two.
    rows, columns = np.array([13, 27, 60]), np.array([13, 24, 63])
    labels = np.arange(3)
    expected = (np.outer(rows, columns) * (labels[:, None] - labels[None, :]) ** 2).sum() / 100**2
    assert cohen_kappa(TABLE, "quadratic").iloc[0]["estimate"] == pytest.approx(1 - 0.11 / expected, rel=1e-12)


def test_counts_give_what_ratings_give() -> None:
    counts = agreement_from_counts(counts_of(RATERS), counts_of(RATERS, "rater_id")).set_index("coefficient")
    ratings = agreement(ratings_of(RATERS)).set_index("coefficient").loc[counts.index]
    pd.testing.assert_series_equal(counts["estimate"], ratings["estimate"], rtol=1e-12)
    others = counts.index != "conger_kappa"
    pd.testing.assert_frame_equal(counts[others], ratings[others], rtol=1e-12)
    assert counts.loc["conger_kappa", "reason"] == "a standard error needs the ratings of each rater"


def test_labels_that_nobody_gave_count_for_brennan_and_prediger() -> None:
    found = of(agreement(ratings_of(RATERS), labels=[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]), "brennan_prediger")
    assert found["estimate"] == pytest.approx((0.8181818 - 0.1) / 0.9, abs=1e-7)


def test_order_of_rows_changes_nothing() -> None:
    counts = counts_of(RATERS)
    shuffled = counts.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(agreement_from_counts(counts), agreement_from_counts(shuffled))


@pytest.mark.parametrize("level", ["interval", "ratio"])
def test_words_have_no_distance(level: str) -> None:
    counts = pd.DataFrame({"item_id": [1, 1], "label": ["x", "y"], "ratings": [1, 1]})
    with pytest.raises(ValueError, match="needs labels that are numbers"):
        agreement_from_counts(counts, level=level)


def test_unanimous_items_give_no_false_certainty() -> None:
    counts = pd.DataFrame({"item_id": [1, 2, 3], "label": ["x", "x", "y"], "ratings": [3, 3, 3]})
    found = agreement_from_counts(counts).set_index("coefficient")
    assert (found["estimate"] == 1).all()
    assert found["lower"].isna().all()
    assert set(found["reason"]) == {"all items agree alike: their spread gives no standard error"}


def test_one_label_leaves_percent_agreement_alone() -> None:
    counts = pd.DataFrame({"item_id": [1, 2], "label": ["x", "x"], "ratings": [2, 2]})
    found = agreement_from_counts(counts).set_index("coefficient")
    assert found.loc["percent_agreement", "estimate"] == 1
    beyond_chance = ["fleiss_kappa", "krippendorff_alpha"]
    assert found.loc[beyond_chance, "estimate"].isna().all()
    assert all(reason.startswith("every rating has the same label") for reason in found.loc[beyond_chance, "reason"])
    # irrCAC, gwet.ac1.raw: chance is 0 where one label alone was given.
    assert found.loc["gwet_ac1", "estimate"] == 1
    # One over one label: the chance is 1.
    assert found.loc["brennan_prediger", ["estimate", "reason"]].tolist() == [
        pytest.approx(np.nan, nan_ok=True),
        "one label alone is known: chance needs all labels that could be given",
    ]


def test_one_label_of_several_that_could_be_given() -> None:
    """The worked numbers of docs/decisions/one-label.md: 6 items, 3 raters, all "ok"."""
    ratings = ratings_of(["1 1 1 1 1 1"] * 3)
    found = agreement(ratings, labels=[1, 2]).set_index("coefficient")
    # AC1: chance 1 × 0 / (2 - 1) = 0. Brennan-Prediger: (1 - 1/2) / (1 - 1/2).
    assert found["estimate"].to_dict() == {
        "percent_agreement": 1,
        "gwet_ac1": 1,
        "brennan_prediger": 1,
        "fleiss_kappa": pytest.approx(np.nan, nan_ok=True),
        "krippendorff_alpha": pytest.approx(np.nan, nan_ok=True),
        "conger_kappa": pytest.approx(np.nan, nan_ok=True),
    }
    assert of(agreement(ratings.query("rater_id < 2"), labels=[1, 2]), "cohen_kappa")["reason"].startswith("every")


def test_one_rating_of_many_that_differs() -> None:
    # 40 items x 16 raters, one rating of 640 differs. Agreement (39 + 105/120) / 40; share of the other label 1/640,
    # chance 2 × 1/640 × 639/640 for AC1, so (0.996875 - 0.0031201) / (1 - 0.0031201) = 0.99687.
    found = agreement(ratings_of(["2" + " 1" * 39] + ["1" + " 1" * 39] * 15))
    assert of(found, "gwet_ac1")["estimate"] == pytest.approx(0.99687, abs=5e-6)
    assert of(found, "gwet_ac1")["reason"] is None
    for coefficient in ("fleiss_kappa", "krippendorff_alpha", "conger_kappa"):
        row = of(found, coefficient)
        assert row["reason"] == "without one of the items every rating has the same label"
        assert pd.isna(row["standard_error"])


def test_labels_of_items_with_pairs_are_what_alpha_sees() -> None:
    # The only other label is of an item that one rater saw: no pair, so no disagreement that could be expected.
    counts = pd.DataFrame({"item_id": [1, 2, 3], "label": ["x", "x", "y"], "ratings": [2, 2, 1]})
    row = of(agreement_from_counts(counts), "krippendorff_alpha")
    assert pd.isna(row["estimate"])
    assert row["reason"].startswith("every rating of an item rated twice has the same label")


def test_reasons_are_true_of_what_they_are_said_of() -> None:
    one_item = ratings_of(["1", "2", "1"])
    assert set(agreement(one_item)["reason"]) == {"one item rated twice gives no standard error"}
    # One rater says 1 of everything: kappa is 0 whatever the other says, though items agree and disagree.
    one_sided = ratings_of(["1 1 1 1 1 1", "1 2 1 2 1 1"])
    for coefficient in ("conger_kappa", "cohen_kappa"):
        row = of(agreement(one_sided), coefficient)
        assert row["estimate"] == pytest.approx(0, abs=1e-12)
        assert row["reason"].startswith("to first order no item moves the coefficient")
    assert cohen_kappa([[3, 0], [0, 4]]).iloc[0]["reason"].startswith("all items agree alike")
    assert cohen_kappa([[5, 1], [0, 0]]).iloc[0]["reason"].startswith("without one of the items")
    assert cohen_kappa([[0, 1], [0, 0]]).iloc[0]["reason"] == "one item rated twice gives no standard error"


SEVERITY = ["no_violation", "label", "restrict", "remove"]
WORDS = pd.DataFrame(
    [(unit, rater, SEVERITY[(unit + rater * (unit % 3 == 0)) % 4]) for unit in range(8) for rater in (0, 1)],
    columns=["item_id", "rater_id", "label"],
)


def test_words_have_no_order_unless_it_is_given() -> None:
    with pytest.raises(ValueError, match="give labels, lowest first"):
        agreement(WORDS, level="ordinal")
    counts = WORDS.groupby(["item_id", "label"]).size().rename("ratings").reset_index()
    with pytest.raises(ValueError, match="give labels, lowest first"):
        agreement_from_counts(counts, level="ordinal")
    # By number, for the library; the alphabet would have label, no_violation, remove, restrict.
    places = WORDS.assign(label=WORDS["label"].map(SEVERITY.index))
    wide = places.pivot(index="rater_id", columns="item_id", values="label").to_numpy(float)
    expected = krippendorff.alpha(wide, level_of_measurement="ordinal")
    ordered = pd.Categorical(WORDS["label"], SEVERITY, ordered=True)
    for found in (
        agreement(WORDS, level="ordinal", labels=SEVERITY),
        agreement(WORDS.assign(label=ordered), level="ordinal"),
        agreement(places, level="ordinal"),
    ):
        assert of(found, "krippendorff_alpha")["estimate"] == pytest.approx(expected, rel=1e-12)
    assert krippendorff.alpha(
        np.vectorize(lambda place: sorted(SEVERITY).index(SEVERITY[int(place)]))(wide), level_of_measurement="ordinal"
    ) != pytest.approx(expected, abs=0.01)


def test_weights_need_an_order_too() -> None:
    named = pd.DataFrame(TABLE, index=["label", "no_violation", "remove"], columns=["label", "no_violation", "remove"])
    with pytest.raises(ValueError, match="weights linear needs the order of the labels"):
        cohen_kappa(named, "linear")
    order = ["no_violation", "label", "remove"]
    expected = cohen_kappa(named.loc[order, order].to_numpy(), "linear")
    pd.testing.assert_frame_equal(cohen_kappa(named, "linear", labels=order), expected)
    assert cohen_kappa(named).iloc[0]["estimate"] == pytest.approx(0.7964094, abs=5e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cohen_kappa(pd.DataFrame([[1, 2], [3, 4]], index=["a", "b"], columns=["b", "a"])), "the same order"),
        (lambda: cohen_kappa([[1, 2], [3, 4]], labels=["a"]), "table has 2 rows and there are 1 labels"),
        (lambda: agreement(WORDS, labels=["remove", "label"]), "not among those named: no_violation, restrict"),
        (lambda: agreement(WORDS, labels=[*SEVERITY, "remove"]), "labels must name each label once"),
        (lambda: agreement_from_counts(counts_of(RATERS), counts_of(RATERS[:3], "rater_id")), "the same ratings"),
        (lambda: strictness(0.5, 1, 3), "whole numbers"),
    ],
)
def test_labels_that_do_not_fit_are_an_error(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_large_numbers_close_to_each_other_are_an_interval_scale_as_well() -> None:
    near = ratings_of(RATERS)
    expected = of(agreement(near, level="interval"), "krippendorff_alpha")
    row = of(agreement(near.assign(label=near["label"] + 1.7e9), level="interval"), "krippendorff_alpha")
    assert row["estimate"] == pytest.approx(expected["estimate"], rel=1e-9)
    assert row["standard_error"] == pytest.approx(expected["standard_error"], rel=1e-9)


def test_a_rater_who_rates_twice_is_an_error() -> None:
    ratings = pd.DataFrame({"item_id": [1, 1], "rater_id": [1, 1], "label": ["x", "y"]})
    with pytest.raises(ValueError, match="two labels for an item"):
        agreement(ratings)


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ([], "no item was rated twice"),
        ([("a", "x", 1), ("b", "x", 1)], "no item was rated twice"),
        ([("a", "x", 2), ("b", "x", 1)], "one item rated twice gives no standard error"),
    ],
)
def test_too_little_data_gives_a_reason(counts: list[tuple[str, str, int]], reason: str) -> None:
    row = agreement_from_counts(pd.DataFrame(counts, columns=["item_id", "label", "ratings"])).iloc[0]
    assert row["reason"] == reason
    assert pd.isna(row["lower"])


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"item_id": ["a"], "label": ["x"]}), "missing columns: ratings"),
        (pd.DataFrame({"item_id": ["a"], "label": ["x"], "ratings": [-1]}), "must hold counts"),
        (pd.DataFrame({"item_id": ["a"], "label": ["x"], "ratings": [None]}), "must hold counts"),
        (pd.DataFrame({"item_id": ["a", "a"], "label": ["x", "x"], "ratings": [1, 1]}), "more than one row"),
    ],
)
def test_bad_input_is_an_error_that_says_what_is_wrong(frame: pd.DataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        agreement_from_counts(frame)


def test_confidence_out_of_range_is_an_error() -> None:
    with pytest.raises(ValueError, match="confidence"):
        agreement_from_counts(counts_of(RATERS), confidence=1.0)


def test_a_difference_of_matched_shares() -> None:
    # Agresti, Categorical Data Analysis, 2nd edition, section 10.1: 1,600 Britons, 150 changed one way, 86 the other:
    # 0.04, 95 % interval 0.02 to 0.06.
    row = strictness(150, 86, 1600).iloc[0]
    assert row["estimate"] == pytest.approx(0.04)
    assert (row["lower"], row["upper"]) == (pytest.approx(0.02, abs=5e-3), pytest.approx(0.06, abs=5e-3))


@pytest.mark.parametrize(("stricter", "milder"), [(150, 86), (9, 1), (1, 9), (4, 4), (0, 0), (6, 0)])
def test_a_lean_is_tested_by_sign(stricter: int, milder: int) -> None:
    row = strictness(stricter, milder, 1600).iloc[0]
    expected = binomtest(stricter, stricter + milder).pvalue if stricter + milder else 1.0
    assert row["p_value"] == pytest.approx(expected, rel=1e-9)


def test_who_always_matches_leans_to_no_side_and_yet_is_not_certain() -> None:
    row = strictness([0, 0], [0, 0], [40, 0])
    assert row.loc[0, "estimate"] == 0
    # By hand: the root of 1 over 42, 1.96 times.
    assert row.loc[0, "upper"] == pytest.approx(1.959964 / 42, rel=1e-6)
    assert row.loc[1].isna().all()


def test_more_on_both_sides_than_there_are_is_an_error() -> None:
    with pytest.raises(ValueError, match="more ratings above and below"):
        strictness(3, 3, 5)
