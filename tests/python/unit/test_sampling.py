"""Sample sizes against published figures, allocations by hand, and draws that anybody can repeat."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.statistics.sampling import (
    draw,
    expected_margin,
    neyman_allocation,
    sample_size,
    two_proportion_sample_size,
)


def test_krejcie_and_morgans_table() -> None:
    # Krejcie and Morgan 1970, table 1, which rounds to the nearest.
    found = sample_size([100, 500, 1500, 9000])
    assert found["required"].round().tolist() == [80, 217, 306, 368]
    assert found["n"].tolist() == [80, 218, 306, 369]


def test_power_of_two_shares() -> None:
    # R: power.prop.test(p1 = .50, p2 = .75, power = .90), n = 76.7 to one digit, 76.70693 in full.
    row = two_proportion_sample_size(0.5, 0.75, power=0.9).iloc[0]
    assert row["required"] == pytest.approx(76.70693, abs=5e-5)  # R solves to 1e-4
    assert row["n"] == 77


def test_a_small_population_is_taken_whole() -> None:
    assert sample_size(3)["n"].tolist() == [3]


@pytest.mark.parametrize(
    "call",
    [
        lambda: sample_size(0),
        lambda: sample_size(100, margin=0),
        lambda: sample_size(100, confidence=1),
        lambda: two_proportion_sample_size(0.5, 0.5),
        lambda: two_proportion_sample_size(0.5, 1.0),
    ],
)
def test_what_has_no_sample_size_is_an_error(call: object) -> None:
    with pytest.raises(ValueError, match=r"must|equal"):
        call()


def test_neyman_by_hand() -> None:
    # Population × deviation: 300, 100, 600 of 1,000: of 100 they get 30, 10, 60.
    strata = pd.DataFrame({"stratum": list("abc"), "population": [1000, 200, 6000], "deviation": [0.3, 0.5, 0.1]})
    found = neyman_allocation(strata, 100)
    assert found["planned_n"].tolist() == [30, 10, 60]
    assert found["inclusion_probability"].tolist() == [0.03, 0.05, 0.01]


def test_what_a_small_stratum_cannot_give_goes_to_the_others() -> None:
    # Shares of 100 would be 50, 50; the first has 20, so the second gets 80.
    strata = pd.DataFrame({"stratum": ["a", "b"], "population": [20, 400], "deviation": [0.4, 0.02]})
    assert neyman_allocation(strata, 100)["planned_n"].tolist() == [20, 80]


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.floats(0, 0.5, allow_subnormal=False)), min_size=1, max_size=8),
    st.floats(0, 1),
)
def test_an_allocation_adds_up_and_stays_within_each_stratum(strata: list[tuple[int, float]], part: float) -> None:
    frame = pd.DataFrame(strata, columns=["population", "deviation"]).assign(stratum=range(len(strata)))
    least = int(np.minimum(frame["population"], 2).sum())
    total = least + int(part * (int(frame["population"].sum()) - least))
    planned = neyman_allocation(frame, total)["planned_n"]
    assert planned.sum() == total
    assert (planned <= frame["population"]).all()
    assert (planned >= np.minimum(frame["population"], 2)).all()


def test_the_margin_of_a_plan_is_that_of_the_stratified_estimate() -> None:
    # By hand: W² (1 - f) σ² / n of either stratum.
    strata = pd.DataFrame({"population": [750, 250], "planned_n": [100, 50], "deviation": [0.3, 0.5]})
    variance = 0.75**2 * (1 - 100 / 750) * 0.09 / 100 + 0.25**2 * (1 - 50 / 250) * 0.25 / 50
    assert expected_margin(strata) == pytest.approx(1.959964 * np.sqrt(variance), rel=1e-6)


def test_no_allocation_of_as_many_is_more_exact_than_neymans() -> None:
    rng = np.random.default_rng(3)
    strata = pd.DataFrame({"stratum": list("abc"), "population": [900, 400, 3000], "deviation": [0.5, 0.1, 0.3]})
    best = expected_margin(neyman_allocation(strata, 300))
    for _ in range(200):
        cuts = np.sort(rng.choice(np.arange(2, 299), 2, replace=False))
        planned = np.diff([0, *cuts, 300])
        if (planned <= strata["population"]).all():
            assert expected_margin(strata.assign(planned_n=planned)) > best - 1e-4


def test_a_stratum_left_out_has_no_margin() -> None:
    strata = pd.DataFrame({"population": [750, 250], "planned_n": [100, 0], "deviation": [0.3, 0.5]})
    assert np.isnan(expected_margin(strata))


def frame_of(size: int) -> pd.DataFrame:
    return pd.DataFrame({"decision_id": [f"d{n}" for n in range(size)], "stratum": ["a", "b"] * (size // 2)})


PLAN = pd.DataFrame({"stratum": ["a", "b"], "planned_n": [5, 20]})


def test_a_draw_is_the_plan() -> None:
    drawn = draw(frame_of(200), PLAN, "2026-W10")
    assert drawn["stratum"].value_counts().to_dict() == {"a": 5, "b": 20}
    assert drawn.groupby("stratum")["inclusion_probability"].first().to_dict() == {"a": 0.05, "b": 0.2}
    assert drawn["decision_id"].is_unique


def test_the_same_seed_draws_the_same_whatever_the_order() -> None:
    frame = frame_of(200)
    shuffled = frame.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(draw(frame, PLAN, "seed"), draw(shuffled, PLAN, "seed"))
    assert set(draw(frame, PLAN, "seed")["decision_id"]) != set(draw(frame, PLAN, "other")["decision_id"])


def test_a_larger_plan_holds_the_smaller() -> None:
    larger = PLAN.assign(planned_n=[9, 30])
    drawn = [set(draw(frame_of(200), plan, "seed")["decision_id"]) for plan in (PLAN, larger)]
    assert drawn[0] < drawn[1]


def test_every_unit_is_drawn_as_often_as_said() -> None:
    # 400 seeds, 40 units of 10: each unit is drawn 100 times, give or take; chi-square over units has 39 degrees.
    frame = pd.DataFrame({"decision_id": range(40), "stratum": "a"})
    plan = pd.DataFrame({"stratum": ["a"], "planned_n": [10]})
    times = np.zeros(40)
    for seed in range(400):
        times[draw(frame, plan, str(seed))["decision_id"]] += 1
    assert times.sum() == 4000
    # Without replacement the variance of each is 400 × 1/4 × 3/4, and they sum to a constant: 39 degrees, 99.9 %.
    assert ((times - 100) ** 2 / 75).sum() * 39 / 40 < 72.1


@pytest.mark.parametrize(
    ("frame", "plan", "message"),
    [
        (frame_of(8), PLAN, "asks for more than there is"),
        (frame_of(200), PLAN.iloc[:1], "no plan for: b"),
        (pd.concat([frame_of(200), frame_of(2)]), PLAN, "names a unit twice"),
    ],
)
def test_a_draw_that_cannot_be_is_an_error(frame: pd.DataFrame, plan: pd.DataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(frame, plan, "seed")


@pytest.mark.parametrize("scale", [1e-15, 1, 1e9])
def test_a_deviation_in_another_unit_shares_out_the_same(scale: float) -> None:
    strata = pd.DataFrame({"stratum": list("abc"), "population": [1000, 200, 6000], "deviation": [0.3, 0.5, 0.1]})
    found = neyman_allocation(strata.assign(deviation=strata["deviation"] * scale), 100)
    assert found["planned_n"].tolist() == [30, 10, 60]


def test_where_nothing_varies_the_population_shares_out() -> None:
    strata = pd.DataFrame({"stratum": list("abc"), "population": [100, 300, 600], "deviation": 0.0})
    assert neyman_allocation(strata, 100)["planned_n"].tolist() == [10, 30, 60]


def test_the_odd_unit_goes_by_the_stratum_and_not_by_its_row() -> None:
    strata = pd.DataFrame({"stratum": ["b", "a", "c"], "population": 100, "deviation": 0.3})
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        planned = neyman_allocation(strata.iloc[order], 10).set_index("stratum")["planned_n"]
        assert planned.to_dict() == {"a": 4, "b": 3, "c": 3}


ONE = pd.DataFrame({"stratum": ["a"], "population": 9, "deviation": 1})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw(frame_of(8).assign(stratum=None), PLAN, "s"), "column stratum is missing in 8 of 8 rows"),
        (lambda: draw(frame_of(200), PLAN.assign(stratum=["a", None]), "s"), "column stratum is missing in 1 of 2"),
        (lambda: draw(frame_of(200), PLAN.assign(stratum="a"), "s"), "column stratum names a stratum twice: a"),
        (
            lambda: draw(frame_of(200), PLAN.assign(planned_n=2.5), "s"),
            r"planned_n \(planned\) .* whole numbers",
        ),
        (lambda: draw(frame_of(200), PLAN.assign(planned_n=-1), "s"), "less than none, of: a, b"),
        (lambda: draw(frame_of(200).assign(decision_id=""), PLAN, "s"), r"column decision_id \(unit\) is missing"),
        (lambda: neyman_allocation(ONE.assign(stratum=None), 2), "column stratum is missing"),
        (lambda: neyman_allocation(ONE.assign(population=None), 2), "column population must hold"),
        (lambda: neyman_allocation(pd.concat([ONE, ONE]), 4), "column stratum names a stratum twice: a"),
        (lambda: neyman_allocation(ONE, 2.5), "total must hold whole numbers"),
    ],
)
def test_what_no_plan_can_be_made_of_is_an_error(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
