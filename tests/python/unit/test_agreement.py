"""Agreement against published figures."""

import pandas as pd
import pytest

from plumbline.statistics.agreement import agreement_from_counts

# 12 units rated by 4 raters, gaps as dashes: Gwet, cac.raw4raters in the R package irrCAC.
RATERS = ["1 2 3 3 2 1 4 1 2 - - -", "1 2 3 3 2 2 4 1 2 5 - -", "- 3 3 3 2 3 4 2 2 5 1 3", "1 2 3 3 2 4 4 1 2 5 1 -"]


def counts_of(raters: list[str]) -> pd.DataFrame:
    ratings = [(unit, label) for rater in raters for unit, label in enumerate(rater.split()) if label != "-"]
    frame = pd.DataFrame(ratings, columns=["item_id", "label"])
    return frame.value_counts().rename("ratings").reset_index()


def test_percent_agreement_of_gwets_four_raters() -> None:
    row = agreement_from_counts(counts_of(RATERS)).iloc[0]
    # irrCAC, vignette "overview", pa.coeff.raw: 0.8181818, standard error 0.12561, interval (0.542, 1)
    assert row["estimate"] == pytest.approx(0.8181818, abs=5e-8)
    assert row["standard_error"] == pytest.approx(0.12561, abs=5e-6)
    assert row["lower"] == pytest.approx(0.542, abs=5e-4)
    assert row["upper"] == 1
    assert (row["n_items"], row["n_raters"]) == (12, 4)


def test_order_of_rows_changes_nothing() -> None:
    counts = counts_of(RATERS)
    shuffled = counts.sample(frac=1, random_state=4)
    pd.testing.assert_frame_equal(agreement_from_counts(counts), agreement_from_counts(shuffled))


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
