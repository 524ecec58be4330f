"""Shares and their intervals against published figures and independent ones."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from plumbline.statistics.proportions import (
    accuracy_by_known_auditors,
    accuracy_given_auditor_error,
    auditor_errors,
    difference,
    interval,
    mean_stratified,
    rogan_gladen,
    smoothed,
    stratified,
    weighted,
    weighted_from_sums,
    weighted_interval,
)


@pytest.mark.parametrize(
    ("method", "lower", "upper"),
    [("wilson", 0.5699, 0.9341), ("clopper_pearson", 0.5435, 0.9595), ("jeffreys", 0.5792, 0.9442)],
)
def test_thirteen_of_sixteen(method: str, lower: float, upper: float) -> None:
    # Fagerland, Lydersen and Laake, Statistical Analysis of Contingency Tables, 2017.
    row = interval(13, 16, method=method).iloc[0]
    assert row["estimate"] == 13 / 16
    assert (row["lower"], row["upper"]) == (pytest.approx(lower, abs=5e-5), pytest.approx(upper, abs=5e-5))


def test_intervals_of_many_are_those_of_each() -> None:
    successes, n = [0, 1, 7, 10], [10, 10, 9, 10]
    for method, scipys in (("wilson", "wilson"), ("clopper_pearson", "exact")):
        found = interval(successes, n, method=method)
        for row, hits, trials in zip(found.itertuples(), successes, n, strict=True):
            expected = binomtest(hits, trials).proportion_ci(0.95, scipys)
            assert (row.lower, row.upper) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_no_trials_have_no_share() -> None:
    assert interval(0, 0).iloc[0].isna().all()


@pytest.mark.parametrize(
    ("counts", "lower", "upper"), [((56, 70, 48, 80), 0.0524, 0.3339), ((7, 34, 1, 34), 0.0189, 0.3404)]
)
def test_newcombes_differences(counts: tuple[int, int, int, int], lower: float, upper: float) -> None:
    # Newcombe 1998, Interval estimation for the difference between independent proportions, method 10.
    row = difference(*counts).iloc[0]
    assert row["estimate"] == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])
    assert (row["lower"], row["upper"]) == (pytest.approx(lower, abs=5e-5), pytest.approx(upper, abs=5e-5))


@pytest.mark.parametrize("arguments", [(-1, 10), (11, 10), (None, 10), (1, float("nan")), ("x", 10)])
def test_what_is_no_count_is_an_error(arguments: tuple[object, object]) -> None:
    with pytest.raises(ValueError, match=r"counts|more successes"):
        interval(*arguments)


def strata(successes: list[int], sampled: list[int], population: list[int]) -> pd.DataFrame:
    names = [chr(97 + place) for place in range(len(sampled))]
    return pd.DataFrame({"stratum": names, "population": population, "sampled": sampled, "successes": successes})


def test_strata_weigh_by_their_population() -> None:
    # By hand: 0.75 × 0.9 + 0.25 × 0.5, and Cochran's variance: W² (1 - f) p q / (n - 1).
    row = stratified(strata([90, 25], [100, 50], [750, 250])).iloc[0]
    variance = 0.75**2 * (1 - 100 / 750) * 0.9 * 0.1 / 99 + 0.25**2 * (1 - 50 / 250) * 0.25 / 49
    assert row["estimate"] == pytest.approx(0.8)
    assert row["standard_error"] == pytest.approx(np.sqrt(variance), rel=1e-12)
    assert row["effective_n"] == pytest.approx(0.16 / variance, rel=1e-12)
    assert row["lower"] < 0.8 < row["upper"]


def test_a_census_has_no_error() -> None:
    row = stratified(strata([9, 5], [10, 10], [10, 10])).iloc[0]
    assert (row["estimate"], row["standard_error"]) == (pytest.approx(0.7), 0)


@pytest.mark.parametrize(
    ("frame", "reason", "has_estimate"),
    [
        (strata([9, 0], [10, 0], [100, 50]), "not sampled: b", False),
        (strata([9, 1], [10, 1], [100, 50]), "sampled once: b", True),
        (strata([0], [0], [0]), "nothing was sampled", False),
        (strata([], [], []), "nothing was sampled", False),
        (strata([9, 0], [10, 0], [100, 0]), None, True),
    ],
)
def test_strata_that_cannot_be_estimated_say_why(frame: pd.DataFrame, reason: str, has_estimate: bool) -> None:
    row = stratified(frame).iloc[0]
    assert row["reason"] == reason
    assert pd.notna(row["estimate"]) == has_estimate
    assert pd.isna(row["lower"]) == (reason is not None)


def test_the_mean_over_strata_by_two_routes() -> None:
    rng = np.random.default_rng(3)
    raw = pd.concat(
        pd.DataFrame({"stratum": name, "population": size, "value": rng.gamma(2, scale, n)})
        for name, size, n, scale in (("a", 900, 30, 10), ("b", 100, 20, 40))
    )
    by = raw.groupby(["stratum", "population"])["value"]
    squares = by.apply(lambda values: (values**2).sum())
    sums = pd.DataFrame({"sampled": by.size(), "total": by.sum(), "sum_of_squares": squares}).reset_index()
    one, other = mean_stratified(raw).iloc[0], mean_stratified(sums).iloc[0]
    assert one["estimate"] == pytest.approx(other["estimate"], rel=1e-12)
    assert one["lower"] == pytest.approx(other["lower"], rel=1e-9)
    means, variances = by.mean().to_numpy(), by.var().to_numpy()
    expected = 0.9 * means[0] + 0.1 * means[1]
    variance = 0.81 * (1 - 30 / 900) * variances[0] / 30 + 0.01 * (1 - 20 / 100) * variances[1] / 20
    assert one["estimate"] == pytest.approx(expected, rel=1e-12)
    assert one["standard_error"] == pytest.approx(np.sqrt(variance), rel=1e-12)


def sample(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    return pd.DataFrame(
        {
            "value": (rng.random(n) < 0.85).astype(int),
            "weight": rng.uniform(1, 20, n),
            "stratum": rng.integers(0, 4, n),
            "moderator": rng.integers(0, 30, n),
        }
    )


def test_equal_weights_are_the_plain_share() -> None:
    frame = sample().assign(weight=7.0)
    row = weighted(frame).iloc[0]
    share = frame["value"].mean()
    assert row["estimate"] == pytest.approx(share)
    assert row["standard_error"] == pytest.approx(np.sqrt(share * (1 - share) / (len(frame) - 1)), rel=1e-12)


def test_hajek_against_a_jackknife_over_clusters() -> None:
    # An independent route: the delete-one-cluster jackknife is within a few per cent of the linearised error.
    frame = sample()
    row = weighted(frame, cluster="moderator").iloc[0]
    left_out = [
        np.average(rest["value"], weights=rest["weight"])
        for moderator in range(30)
        if len(rest := frame[frame["moderator"] != moderator])
    ]
    jackknife = np.sqrt(29 / 30 * ((np.array(left_out) - np.mean(left_out)) ** 2).sum())
    assert row["estimate"] == pytest.approx(np.average(frame["value"], weights=frame["weight"]), rel=1e-12)
    assert row["standard_error"] == pytest.approx(jackknife, rel=0.03)


def test_hajek_over_strata_is_the_stratified_share() -> None:
    # With weights of population over sample in each stratum, both are one estimator; next to nothing is sampled.
    frame = pd.DataFrame({"stratum": ["a"] * 100 + ["b"] * 50, "value": [1] * 90 + [0] * 10 + [1] * 25 + [0] * 25})
    weights = frame.assign(weight=np.where(frame["stratum"] == "a", 1e6 / 100, 3e5 / 50))
    one = weighted(weights, stratum="stratum").iloc[0]
    other = stratified(strata([90, 25], [100, 50], [10**6, 3 * 10**5])).iloc[0]
    assert one["estimate"] == pytest.approx(other["estimate"], rel=1e-12)
    assert one["standard_error"] == pytest.approx(other["standard_error"], rel=2e-4)


@pytest.mark.parametrize(
    ("right", "error", "lower", "upper"),
    [([10] * 5 + [8] * 5, 1 / 30, 0.80, 0.95), ([10] * 9 + [0], 0.1, 0.42, 0.99)],
)
def test_one_moderator_who_makes_all_errors(right: list[int], error: float, lower: float, upper: float) -> None:
    """The worked numbers of docs/decisions/audit-intervals.md."""
    values = [int(place < own) for own in right for place in range(10)]
    frame = pd.DataFrame({"value": values, "weight": 5.0, "moderator": np.repeat(range(10), 10)})
    row = weighted(frame, cluster="moderator").iloc[0]
    assert row["estimate"] == pytest.approx(0.9)
    assert row["standard_error"] == pytest.approx(error)
    assert (row["lower"], row["upper"]) == (pytest.approx(lower, abs=6e-3), pytest.approx(upper, abs=6e-3))
    assert interval(90, 100).iloc[0].tolist()[1:] == [pytest.approx(0.83, abs=6e-3), pytest.approx(0.94, abs=6e-3)]


@pytest.mark.parametrize("factor", [0.001, 1000])
def test_scaling_the_weights_changes_nothing(factor: float) -> None:
    frame = sample()
    scaled = frame.assign(weight=frame["weight"] * factor)
    pd.testing.assert_frame_equal(
        weighted(frame, stratum="stratum", cluster="moderator"),
        weighted(scaled, stratum="stratum", cluster="moderator"),
    )


def test_nothing_wrong_is_not_certainty() -> None:
    row = weighted(sample().assign(value=1, weight=3.0)).iloc[0]
    expected = proportion_confint(400, 400, method="beta")
    assert (row["estimate"], row["standard_error"], row["upper"]) == (1, 0, 1)
    assert row["lower"] == pytest.approx(expected[0], abs=1e-9)


def test_slices_without_audits_or_with_one_moderator_say_so() -> None:
    columns = ["clusters", "weight", "weighted", "squared_weight", "cluster_yy", "cluster_yw", "cluster_ww"]
    found = weighted_from_sums(pd.DataFrame([[0] * 7, [1, 5, 4, 5, 16, 20, 25]], columns=columns))
    assert list(found["reason"]) == ["nothing was sampled", "one cluster gives no standard error"]
    assert found["lower"].isna().all()
    assert found.loc[1, "estimate"] == pytest.approx(0.8)


def test_equal_weights_have_the_plain_interval() -> None:
    # 13 of 16 again, each weighing 5: Fagerland, Lydersen and Laake's Wilson interval.
    row = weighted_interval(65, 80, 16 * 25).iloc[0]
    assert (row["lower"], row["upper"]) == (pytest.approx(0.5699, abs=5e-5), pytest.approx(0.9341, abs=5e-5))


def test_unequal_weights_are_fewer_units() -> None:
    # Kish: weights 1, 1, 1 and 3 are 36 / 12 = 3 units.
    row, of_three = weighted_interval(3, 6, 12).iloc[0], interval(1.5, 3).iloc[0]
    assert (row["lower"], row["upper"]) == pytest.approx((of_three["lower"], of_three["upper"]))
    assert weighted_interval(0, 0, 0).iloc[0].isna().all()


def test_half_a_success_and_half_a_failure_are_added() -> None:
    found = smoothed([0, 9], [9, 9])
    assert found["estimate"].tolist() == pytest.approx([0.05, 0.95])
    assert found["variance"].tolist() == pytest.approx([0.05 * 0.95 / 10] * 2)


def test_rogan_and_gladens_correction() -> None:
    # (0.813 + 0.97 - 1) / 0.87 = 0.9; variances by first order.
    row = rogan_gladen(
        0.813, 0.9, 0.97, observed_variance=0.0004, sensitivity_variance=0.0009, specificity_variance=0.0001
    ).iloc[0]
    assert row["estimate"] == pytest.approx(0.9)
    expected = (0.0004 + 0.81 * 0.0009 + 0.01 * 0.0001) / 0.87**2
    assert row["standard_error"] == pytest.approx(np.sqrt(expected), rel=1e-12)


def test_rogan_and_gladen_on_an_accuracy_is_impossible_and_says_so() -> None:
    row = rogan_gladen(0.91772, 0.9, 0.97).iloc[0]
    assert row["estimate"] == pytest.approx(1.02, abs=5e-3)
    assert row["reason"].startswith("outside 0 to 1")


def test_accuracy_behind_auditors_who_err() -> None:
    # 20 % of decisions positive, 90 % of those and 3 % of the rest truly violative: 0.956; auditors see 0.91772.
    arms = pd.DataFrame(
        {
            "is_positive": [True, False],
            "share": [0.2, 0.8],
            "observed": [0.813, 0.0561],
            "observed_variance": [0.0, 0.0],
        }
    )
    seen = 0.2 * 0.813 + 0.8 * (1 - 0.0561)
    assert seen == pytest.approx(0.91772)
    assert accuracy_given_auditor_error(arms, 0.9, 0.97).iloc[0]["estimate"] == pytest.approx(0.956, abs=1e-12)


def test_the_error_of_the_correction_by_drawing_it() -> None:
    # An independent route: draw what is uncertain 200,000 times, correct each, and look at the spread.
    rng = np.random.default_rng(2)
    spread = {"positive": 0.02, "negative": 0.006, "sensitivity": 0.015, "specificity": 0.004}
    drawn = {name: rng.normal(0, error, 200_000) for name, error in spread.items()}
    sensitivity, specificity = 0.9 + drawn["sensitivity"], 0.97 + drawn["specificity"]
    violative = [
        (share + drawn[arm] + specificity - 1) / (sensitivity + specificity - 1)
        for share, arm in ((0.813, "positive"), (0.0561, "negative"))
    ]
    accuracy = 0.2 * violative[0] + 0.8 * (1 - violative[1])
    arms = pd.DataFrame(
        {
            "is_positive": [True, False],
            "share": [0.2, 0.8],
            "observed": [0.813, 0.0561],
            "observed_variance": [spread["positive"] ** 2, spread["negative"] ** 2],
        }
    )
    row = accuracy_given_auditor_error(
        arms,
        0.9,
        0.97,
        sensitivity_variance=spread["sensitivity"] ** 2,
        specificity_variance=spread["specificity"] ** 2,
    ).iloc[0]
    assert row["standard_error"] == pytest.approx(accuracy.std(), rel=0.01)


def test_auditors_little_better_than_chance_are_refused() -> None:
    arms = pd.DataFrame(
        {"is_positive": [True, False], "share": [0.2, 0.8], "observed": [0.6, 0.5], "observed_variance": [0.0, 0.0]}
    )
    for found in (accuracy_given_auditor_error(arms, 0.6, 0.59), rogan_gladen(0.5, 0.6, 0.59)):
        assert found.iloc[0]["reason"] == "sensitivity and specificity add to less than 1.2"
        assert pd.isna(found.iloc[0]["estimate"])


def test_auditors_who_add_to_the_least_are_not_refused() -> None:
    arms = pd.DataFrame(
        {"is_positive": [True, False], "share": [0.5, 0.5], "observed": [0.55, 0.45], "observed_variance": [0.0, 0.0]}
    )
    # (0.55 + 0.6 - 1) / 0.2 = 0.75 of measures, and as many of the rest are right.
    for found in (accuracy_given_auditor_error(arms, 0.6, 0.6), rogan_gladen(0.55, 0.6, 0.6)):
        assert found.iloc[0]["estimate"] == pytest.approx(0.75)
        assert found.iloc[0]["reason"] is None


def two_groups() -> pd.DataFrame:
    """Half of all decisions are of either policy group, a fifth of each measures; auditors see each group as they do.

    Safety: 0.9 of measures and 0.03 of the rest violative, seen with 0.8 and 0.98; integrity: 0.95 and 0.02, 0.95 and
    0.97. So 0.722 and 0.0434 of safety are called violative, 0.904 and 0.0484 of integrity.
    """
    return pd.DataFrame(
        {
            "group": ["safety", "safety", "integrity", "integrity"],
            "is_positive": [True, False, True, False],
            "share": [0.1, 0.4, 0.1, 0.4],
            "observed": [0.722, 0.0434, 0.904, 0.0484],
            "accuracy_variance": [0.0001] * 4,
        }
    )


SEEN_BY = pd.DataFrame({"se": [0.8, 0.95], "sp": [0.98, 0.97]}, index=["safety", "integrity"])


def test_each_group_is_corrected_by_its_own_auditors() -> None:
    row = accuracy_given_auditor_error(
        two_groups(), SEEN_BY["se"], SEEN_BY["sp"], group="group", accuracy_variance="accuracy_variance"
    ).iloc[0]
    # (0.2 × 0.9 + 0.8 × 0.97) / 2 + (0.2 × 0.95 + 0.8 × 0.98) / 2.
    assert row["estimate"] == pytest.approx((0.956 + 0.974) / 2, abs=1e-12)
    # What audits find is stretched by the mean of 1 / 0.78 and 1 / 0.92.
    assert row["standard_error"] == pytest.approx(0.01 * (1 / 0.78 + 1 / 0.92) / 2, rel=1e-9)


def weighed_groups() -> pd.DataFrame:
    """The two groups as sums of a thousand weighted audits, of which auditors find 0.92588 right, worth 99."""
    arms = two_groups()
    # 0.1 × 0.722 + 0.4 × 0.9566 + 0.1 × 0.904 + 0.4 × 0.9516.
    return arms.assign(
        slice="all", weight=arms["share"] * 1000, violative_weight=arms["share"] * arms["observed"] * 1000,
        accuracy=0.92588, effective_n=99,
    )  # fmt: skip


def seen_by(**groups: tuple[float, float]) -> pd.DataFrame:
    columns = ["sensitivity", "specificity"]
    return pd.DataFrame.from_dict(groups, orient="index", columns=columns).assign(
        sensitivity_variance=0.0, specificity_variance=0.0
    )


def test_a_group_whose_auditors_are_not_known_is_corrected_by_the_pool() -> None:
    known = {"safety": (0.8, 0.98), "integrity": (0.95, 0.97), "pool": (0.9, 0.97)}
    own = accuracy_by_known_auditors(weighed_groups(), seen_by(**known), by=["slice"], pool="pool").iloc[0]
    assert own["estimate"] == pytest.approx((0.956 + 0.974) / 2, abs=1e-12)
    # By the pool (0.722 - 0.03) / 0.87 of safety's measures are true, 1 - (0.0434 - 0.03) / 0.87 of its rest.
    assert own["pooled_estimate"] == pytest.approx(
        0.1 * 0.795402 + 0.4 * 0.984598 + 0.1 * 1.004598 + 0.4 * 0.978851, abs=1e-6
    )
    assert own["pooled_share"] == 0
    # Of 100, 92.16 right: half a success and half a failure are added.
    assert own["standard_error"] == pytest.approx(
        (0.921621 * 0.078379 / 100) ** 0.5 * (1 / 0.78 + 1 / 0.92) / 2, rel=1e-4
    )
    known.pop("safety")
    half = accuracy_by_known_auditors(weighed_groups(), seen_by(**known), by=["slice"], pool="pool").iloc[0]
    # Safety by the pool, integrity by its own.
    assert half["estimate"] == pytest.approx(0.1 * 0.795402 + 0.4 * 0.984598 + 0.974 / 2, abs=1e-6)
    assert half["pooled_share"] == pytest.approx(0.5)
    assert half["pooled_estimate"] == own["pooled_estimate"]


def test_the_error_of_what_is_known_of_each_group_by_drawing_it() -> None:
    rng = np.random.default_rng(3)
    arms = two_groups().assign(accuracy_variance=0.0)
    spread = {"se": 0.03, "sp": 0.005}
    drawn = {
        name: {group: SEEN_BY.loc[group, name] + rng.normal(0, spread[name], 200_000) for group in SEEN_BY.index}
        for name in spread
    }
    accuracy = np.zeros(200_000)
    for arm in arms.itertuples():
        se, sp = drawn["se"][arm.group], drawn["sp"][arm.group]
        violative = (arm.observed + sp - 1) / (se + sp - 1)
        accuracy += arm.share * (violative if arm.is_positive else 1 - violative)
    row = accuracy_given_auditor_error(
        arms,
        SEEN_BY["se"],
        SEEN_BY["sp"],
        group="group",
        sensitivity_variance=spread["se"] ** 2,
        specificity_variance=spread["sp"] ** 2,
        accuracy_variance="accuracy_variance",
    ).iloc[0]
    assert row["standard_error"] == pytest.approx(accuracy.std(), rel=0.02)


def test_groups_of_one_error_are_as_one_group_however_rows_are_ordered() -> None:
    arms = two_groups()
    alike = SEEN_BY.assign(se=0.9, sp=0.97)
    options = {"accuracy_variance": "accuracy_variance"}
    by_group = accuracy_given_auditor_error(arms, alike["se"], alike["sp"], group="group", **options)
    shuffled = accuracy_given_auditor_error(arms[::-1], alike["se"], alike["sp"], group="group", **options)
    sums = arms.assign(called=arms["share"] * arms["observed"]).groupby("is_positive")[["share", "called"]].sum()
    whole = sums.assign(observed=sums["called"] / sums["share"], accuracy_variance=0.0001).reset_index()
    pd.testing.assert_frame_equal(by_group, accuracy_given_auditor_error(whole, 0.9, 0.97, **options), rtol=1e-12)
    pd.testing.assert_frame_equal(by_group, shuffled, rtol=1e-12)


def test_a_group_whose_auditors_see_too_little_is_refused_and_one_not_known_is_an_error() -> None:
    arms = two_groups()
    weak = SEEN_BY.assign(se=[0.2, 0.95])
    row = accuracy_given_auditor_error(
        arms, weak["se"], weak["sp"], group="group", accuracy_variance="accuracy_variance"
    ).iloc[0]
    assert row["reason"] == "sensitivity and specificity add to less than 1.2"
    assert pd.isna(row["estimate"])
    known = SEEN_BY.loc[["safety"]]
    with pytest.raises(ValueError, match="nothing is known of how auditors see: integrity"):
        accuracy_given_auditor_error(
            arms, known["se"], known["sp"], group="group", accuracy_variance="accuracy_variance"
        )


def test_what_auditors_see_by_group_and_in_the_pool() -> None:
    items = pd.DataFrame(
        {
            "group": ["safety", "integrity", "civility"],
            "violative": [44, 121, 29],
            "violative_found": [39, 119, 29],
            "non_violative": [99, 358, 200],
            "non_violative_found": [96, 345, 199],
        }
    )
    found = auditor_errors(items)
    # Civility has 29 violative items, one too few; in the pool they count.
    assert found.index.tolist() == ["integrity", "safety", "(pool)"]
    assert found.loc["safety", "sensitivity"] == pytest.approx(39.5 / 45)
    assert found.loc["safety", "specificity"] == pytest.approx(96.5 / 100)
    assert found.loc["(pool)", "sensitivity"] == pytest.approx((39 + 119 + 29 + 0.5) / (44 + 121 + 29 + 1))
    assert found.loc["safety", "sensitivity_variance"] == pytest.approx(39.5 / 45 * 5.5 / 45 / 45)
    assert auditor_errors(items.assign(violative=[9, 9, 9], violative_found=[9, 9, 9])).empty
    pd.testing.assert_frame_equal(found, auditor_errors(items[::-1]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"violative_found": [50]}, "more successes than trials"),
        ({"group": ["(pool)"]}, "a group has the name of all together"),
    ],
)
def test_items_that_cannot_be(change: dict[str, list[object]], message: str) -> None:
    items = {
        "group": ["a"],
        "violative": [40],
        "violative_found": [39],
        "non_violative": [40],
        "non_violative_found": [40],
    }
    with pytest.raises(ValueError, match=message):
        auditor_errors(pd.DataFrame(items | change))


def test_arms_that_are_not_all_decisions_are_an_error() -> None:
    arms = pd.DataFrame({"is_positive": [True], "share": [0.2], "observed": [0.6], "observed_variance": [0.0]})
    with pytest.raises(ValueError, match="add to 1"):
        accuracy_given_auditor_error(arms, 0.9, 0.9)


def with_unnamed() -> pd.DataFrame:
    """Forty audits: five of each of four moderators, four right, and twenty of nobody, none right."""
    people = pd.DataFrame({"value": [0, 1, 1, 1, 1] * 4, "weight": 1, "moderator": np.repeat(list("abcd"), 5)})
    return pd.concat([people, pd.DataFrame({"value": [0] * 20, "weight": 1, "moderator": None})], ignore_index=True)


def test_audits_of_nobody_are_no_part_of_an_error() -> None:
    frame = with_unnamed()
    with pytest.raises(ValueError, match=r"column moderator \(cluster\) is missing in 20 of 40 rows, first in row 21"):
        weighted(frame, cluster="moderator")
    # As one cluster, by hand: residuals 4 - 0.4 × 5 = 2 four times and -8; 5/4 × (16 + 64) / 40² = 0.0625.
    row = weighted(frame.fillna({"moderator": "nobody"}), cluster="moderator").iloc[0]
    assert (row["estimate"], row["standard_error"]) == (pytest.approx(0.4), pytest.approx(0.25))


def test_strata_of_sums_that_are_there_twice() -> None:
    sums = pd.DataFrame(
        [("a", 1000, 10, 8), ("a", 1000, 10, 9), ("b", 500, 10, 5)],
        columns=["stratum", "population", "sampled", "total"],
    ).assign(sum_of_squares=lambda rows: rows["total"])
    with pytest.raises(ValueError, match="column stratum names a stratum twice: a"):
        mean_stratified(sums)
    # By hand, the rows of a summed: 1000/1500 × 17/20 + 500/1500 × 5/10 = 0.7333.
    summed = sums.groupby(["stratum", "population"])[["sampled", "total", "sum_of_squares"]].sum().reset_index()
    assert mean_stratified(summed).iloc[0]["estimate"] == pytest.approx(0.73333, abs=5e-6)


def test_one_audit_that_outweighs_all_others_tells_no_error() -> None:
    # Its own residual is next to nothing, and so is the error with it: a share of 0.9999 known to the fifth digit.
    frame = pd.DataFrame({"value": [1, 0, 1, 1, 0, 1, 1, 0, 1, 1], "weight": [1e5] + [1] * 9})
    row = weighted(frame).iloc[0]
    assert row["estimate"] == pytest.approx(100_006 / 100_009)
    assert row["reason"].startswith("one cluster has over nine tenths of the weight")
    assert row[["standard_error", "lower", "upper", "effective_n"]].isna().all()
    assert weighted(frame.assign(stratum="a"), stratum="stratum").iloc[0]["reason"] == row["reason"]
    # Of two people, nine tenths to the digit are not over nine tenths: 1 / (0.81 + 0.01) is 1.22 clusters.
    by_person = pd.DataFrame({"value": [1, 0, 1] * 3 + [0], "weight": 1, "person": ["a"] + ["b"] * 9})
    assert weighted(by_person, cluster="person").iloc[0]["reason"] is None
    heavier = by_person.assign(weight=np.where(by_person["person"] == "b", 5, 1))
    assert weighted(heavier, cluster="person").iloc[0]["reason"] == row["reason"]


def test_clusters_that_are_alike_tell_no_error() -> None:
    frame = pd.DataFrame({"value": [1, 0, 1] * 4, "weight": 0.1, "moderator": np.repeat(list("abcd"), 3)})
    row = weighted(frame, cluster="moderator").iloc[0]
    assert (
        row["reason"] == "clusters, within strata if given, have the same share: their spread gives no standard error"
    )
    assert row["estimate"] == pytest.approx(2 / 3)
    assert row[["standard_error", "lower", "upper"]].isna().all()


def test_values_that_are_all_the_same_have_no_interval_of_no_width() -> None:
    frame = pd.DataFrame({"stratum": ["a"] * 3 + ["b"] * 3, "population": 9, "value": [0.1] * 3 + [0.7] * 3})
    row = mean_stratified(frame).iloc[0]
    assert row["reason"] == "values do not vary within strata: their spread gives no standard error"
    assert row["estimate"] == pytest.approx(0.4)
    assert row[["standard_error", "lower", "upper"]].isna().all()
    # A census knows.
    census = mean_stratified(frame.assign(population=3)).iloc[0]
    assert (census["reason"], census["lower"], census["upper"]) == (None, pytest.approx(0.4), pytest.approx(0.4))


def test_large_values_close_to_each_other_keep_their_digits() -> None:
    frame = pd.DataFrame({"stratum": ["a"] * 4 + ["b"] * 4, "population": 50, "value": [1.0, 2, 4, 9, 3, 5, 5, 8]})
    plain = mean_stratified(frame).iloc[0]
    later = mean_stratified(frame.assign(value=frame["value"] + 1.7e9)).iloc[0]
    assert later["standard_error"] == pytest.approx(plain["standard_error"], rel=1e-6)


SUMS = pd.DataFrame(
    [[2, 5, 4, 5, 8, 10, 13]],
    columns=["clusters", "weight", "weighted", "squared_weight", "cluster_yy", "cluster_yw", "cluster_ww"],
)
STRATUM = {"stratum": ["a"], "population": 9, "sampled": 2, "total": 8, "sum_of_squares": 8}
ARMS = {"is_positive": ["false", "true"], "share": 0.5, "observed": 0.5, "observed_variance": 0}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: weighted(sample().assign(weight=-1)), "column weight must be above 0"),
        (lambda: weighted(sample().assign(weight=0)), "column weight must be above 0"),
        (lambda: weighted(sample().assign(w=None), weight="w"), r"column w \(weight\) must hold"),
        (lambda: weighted(sample().assign(value=2)), "column value must hold 0 and 1"),
        (lambda: weighted_from_sums(SUMS.assign(cluster_ww=None)), "column cluster_ww must hold"),
        (lambda: weighted_from_sums(SUMS.assign(weight=None)), "column weight must hold"),
        (lambda: weighted_from_sums(SUMS.assign(weighted=6)), "weighted must not be above"),
        (lambda: weighted_interval(1, 2, 0), "squared_weight must be above 0"),
        (lambda: weighted_interval(1, 2, 5), "at most its square"),
        (lambda: stratified(strata([1, 1], [2, 2], [9, 9]).assign(stratum="a")), "names a stratum twice: a"),
        (lambda: stratified(strata([1], [2], [9]).assign(population=None)), "column population must hold counts"),
        (lambda: stratified(strata([1], [2], [1])), "more in sampled than in population"),
        (lambda: mean_stratified(pd.DataFrame({"stratum": ["a"], "population": [0.5], "value": [1]})), "more sampled"),
        (lambda: mean_stratified(pd.DataFrame(STRATUM)), "not the sums of the same values"),
        (lambda: accuracy_given_auditor_error(pd.DataFrame(ARMS), 0.9, 0.9), "column is_positive must hold"),
    ],
)
def test_columns_that_do_not_fit_are_an_error(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
