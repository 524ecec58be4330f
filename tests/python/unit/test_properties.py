"""What changes no figure of `plumbline.statistics`, and what no function takes: a key that is missing or there twice.

Each public function declares below which changes of its input leave its result as it is, or why one does not apply:
`rows` (their order), `units` (of what is measured, and its zero where it has one that is free), `labels` (any other
names of groups, items, labels and so on, which sort in another order), `weights` (all twice as large) and `strata` (one
of them split in two alike). A function that declares nothing fails, as does a column that may be missing undeclared.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_docstrings import public_functions

from plumbline.statistics import agreement as agreeing
from plumbline.statistics import comparison, proportions, regression, sampling

Rng = np.random.Generator
Inputs = dict[str, Any]
# A changed input, and what the result of it should be, by the result of the input as it was.
Change = Callable[[Rng, Inputs], tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]]

INVARIANCES = ("rows", "units", "labels", "weights", "strata")
MISSING = (None, np.nan, pd.NA)
SCALES = (1e-9, 1e-3, 60.0, 1e6)
# The year, and the seconds since 1970.
ZEROS = (0.0, 2026.0, 1.7e9)

ESTIMATE = ("estimate", "standard_error", "lower", "upper")

NOTHING_MEASURED = "counts and shares have no unit"
NO_NAMES = "numbers alone: nothing has a name"
COUNTS = "counts are no weights: twice as many say more"
NO_STRATA = "nothing is divided into strata"
NO_ROWS = "single numbers, of one case"


@dataclass(frozen=True)
class Face:
    """One way to call a public function, and what it promises."""

    call: Callable[..., Any]
    inputs: Callable[[Rng], Inputs]
    rows: Change | str
    units: Change | str
    labels: Change | str
    weights: Change | str
    strata: Change | str
    once: dict[str, str] = field(default_factory=dict)
    """Inputs in which no row may repeat, and a part of the message that says so."""

    may_be_missing: dict[str, str] = field(default_factory=dict)
    """Columns and inputs of which some may be missing, and what that means."""

    def result(self, inputs: Inputs) -> pd.DataFrame:
        found = self.call(**inputs)
        if isinstance(found, pd.DataFrame):
            return found
        return pd.DataFrame({"value": np.atleast_1d(found)})


# Changes


def same(found: pd.DataFrame) -> pd.DataFrame:
    return found


def only(*columns: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda found: found[list(columns)]


def shuffled(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
    """Frames with their rows in another order, under indices that mean nothing."""
    changed = {}
    for name, value in inputs.items():
        if isinstance(value, pd.DataFrame):
            value = value.iloc[rng.permutation(len(value))].set_axis(rng.integers(0, 3, len(value)), axis=0)
        changed[name] = value
    return changed, same


def shuffled_arms(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
    """Only the arms: what is known of auditors has names in its index, and comes in any order."""
    arms, same_ = shuffled(rng, {"arms": inputs["arms"]})
    return inputs | arms | {"seen": inputs["seen"][::-1]}, same_


def followed(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
    """The same where the result has a row for each row: in the new order, too."""
    sized = [len(value) for value in inputs.values() if isinstance(value, pd.DataFrame | np.ndarray)]
    order = rng.permutation(sized[0])
    changed = {
        name: value.iloc[order]
        if isinstance(value, pd.DataFrame)
        else (value[order] if isinstance(value, np.ndarray) else value)
        for name, value in inputs.items()
    }
    return changed, lambda found: found.iloc[order]


def renamed(**columns: tuple[str, ...]) -> Change:
    """Every value of the columns of each input under another name; where frames share a column, under the same."""

    def change(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
        changed, new_names = dict(inputs), {}
        for name in dict.fromkeys(column for own in columns.values() for column in own):
            frames = [inputs[frame] for frame, own in columns.items() if name in own and frame != "labels"]
            values = pd.unique(pd.concat([frame[name] for frame in frames]))
            listed = [value for value in inputs.get("labels") or [] if name == "said" and value not in values]
            new_names[name] = dict(
                zip([*values, *listed], (f"n{place}" for place in rng.permutation(99)), strict=False)
            )
        for frame, own in columns.items():
            changed[frame] = inputs[frame].assign(**{name: inputs[frame][name].map(new_names[name]) for name in own})
        if inputs.get("labels"):
            changed["labels"] = [new_names["said"][label] for label in inputs["labels"]]
        every = {old: new for own in new_names.values() for old, new in own.items()}

        def expected(found: pd.DataFrame) -> pd.DataFrame:
            named = [name for name in found if name in {"group", "group_1", "group_2", *new_names}]
            return found.assign(**{name: found[name].map(every) for name in named})

        return changed, expected

    return change


def scaled(powers: dict[str, int], *, by_input: dict[str, int], of: str = "") -> Change:
    """Inputs or columns of `of` times a scale to a power, and so the columns of the result."""

    def change(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
        scale = rng.choice(SCALES)
        return _times(inputs, of, {name: scale**power for name, power in by_input.items()}), lambda found: found.assign(
            **{name: found[name] * scale**power for name, power in powers.items()}
        )

    return change


def doubled(by_input: dict[str, int], *, of: str = "", compared: tuple[str, ...] = ()) -> Change:
    """Inputs or columns twice, or four times, as large: the same result, or the same `compared` columns of it."""

    def change(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
        factors = {name: 2.0**power for name, power in by_input.items()}
        return _times(inputs, of, factors), only(*compared) if compared else same

    return change


def _times(inputs: Inputs, of: str, factors: dict[str, float]) -> Inputs:
    if not of:
        return inputs | {name: inputs[name] * factor for name, factor in factors.items()}
    return inputs | {of: inputs[of].assign(**{name: inputs[of][name] * factor for name, factor in factors.items()})}


def moved(of: str, column: str, powers: dict[str, int], compared: tuple[str, ...] = ()) -> Change:
    """A column in another unit and from another zero; columns of the result by the powers of the unit."""

    def change(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
        scale, zero = rng.choice(SCALES), rng.choice(ZEROS)
        frame = inputs[of].assign(**{column: (inputs[of][column] + zero) * scale})

        def expected(found: pd.DataFrame) -> pd.DataFrame:
            found = found.assign(**{name: found[name] * scale**power for name, power in powers.items()})
            return found[list(compared)] if compared else found

        return inputs | {of: frame}, expected

    return change


def halved(of: str, column: str, parts: tuple[str, ...], compared: tuple[str, ...] = ()) -> Change:
    """Each stratum or cell as two alike, of half of its units each; `column` is their name, where they have one."""

    def change(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
        half = inputs[of].assign(**{name: inputs[of][name] / 2 for name in parts})
        again = half.assign(**{column: half[column] + " again"}) if column else half
        split = pd.concat([half, again], ignore_index=True)
        return inputs | {of: split}, only(*compared) if compared else same

    return change


def terms_moved(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
    """A predictor in another unit and from another zero, which the intercept takes up."""
    scale, zero = rng.choice(SCALES), rng.choice(ZEROS)
    frame = inputs["sample"].assign(hours=(inputs["sample"]["hours"] + zero) * scale)

    def expected(found: pd.DataFrame) -> pd.DataFrame:
        own = found["term"] == "hours"
        columns = [name for name in found if name in {*ESTIMATE, "marginal_effect"}]
        per_unit = found.assign(**{name: found[name].where(~own, found[name] / scale) for name in columns})
        ratios = [name for name in found if name.startswith("odds_ratio")]
        return per_unit[per_unit["term"] != "(intercept)"].drop(columns=ratios)

    return inputs | {"sample": frame}, expected


# Worlds


def ratings(rng: Rng) -> Inputs:
    items, raters = int(rng.integers(4, 9)), int(rng.integers(2, 5))
    frame = pd.DataFrame(
        [(f"item {i}", f"rater {r}") for i in range(items) for r in range(raters)], columns=["item", "who"]
    )
    own = frame["item"].str[-1].astype(int) % 3
    label = np.where(rng.random(len(frame)) < 0.7, own, rng.integers(0, 3, len(frame)))
    frame = frame.assign(said=np.array(["remove", "no_violation", "label"])[label])
    return {
        "ratings": frame[rng.random(len(frame)) < 0.9], "item": "item", "rater": "who", "label": "said",
        "labels": ["no_violation", "label", "restrict", "remove"],
    }  # fmt: skip


def ordered_ratings(rng: Rng) -> Inputs:
    return ratings(rng) | {"level": "ordinal"}


def measured_ratings(rng: Rng) -> Inputs:
    found = ratings(rng)
    places = {"no_violation": 0.0, "label": 1.0, "remove": 4.0}
    numbered = found["ratings"].assign(said=found["ratings"]["said"].map(places))
    return found | {"ratings": numbered, "labels": None, "level": "interval"}


def counted_ratings(rng: Rng) -> Inputs:
    found = ratings(rng)
    by = {key: found["ratings"].groupby([key, "said"]).size().rename("times").reset_index() for key in ("item", "who")}
    return {
        "item_label": by["item"], "rater_label": by["who"], "item": "item", "rater": "who", "label": "said",
        "count": "times", "labels": found["labels"],
    }  # fmt: skip


def groups(rng: Rng) -> Inputs:
    sizes = rng.integers(2, 9, 3)
    values = np.round(rng.normal(np.repeat([5, 6, 9], sizes), 2), 3)
    frame = pd.DataFrame({"site": np.repeat(["b", "c", "a"], sizes), "seconds": values})
    return {"sample": frame, "group": "site", "value": "seconds"}


def two_groups(rng: Rng) -> Inputs:
    found = groups(rng)
    return found | {"sample": found["sample"][found["sample"]["site"] != "a"]}


def sums_of_groups(rng: Rng) -> Inputs:
    found = groups(rng)
    by = found["sample"].groupby("site")["seconds"]
    return {
        "sample": pd.DataFrame({"n": by.size(), "mean": by.mean(), "variance": by.var()}).reset_index(),
        "group": "site",
    }


def cells(rng: Rng) -> Inputs:
    frame = pd.DataFrame(
        [(who, queue) for who in ("vendor b", "vendor a", "vendor c") for queue in ("ads", "live", "video")],
        columns=["member", "queue"],
    )
    judged = rng.integers(10, 90, len(frame)) * 2
    right = rng.binomial(judged // 2, 0.8) * 2
    frame = frame.assign(judged=judged.astype(float), right=right.astype(float))
    kept = frame[rng.random(len(frame)) < 0.9]
    return {"cells": kept, "group": "member", "cell": "queue", "n": "judged", "successes": "right"}


def cells_with_variances(rng: Rng) -> Inputs:
    found = cells(rng)
    return found | {"cells": found["cells"].assign(error=0.16 / found["cells"]["judged"]), "variance": "error"}


def weighted_cells(rng: Rng) -> Inputs:
    found = cells(rng)
    return found | {"cells": found["cells"].assign(audits=found["cells"]["judged"] / 2), "effective_n": "audits"}


def strata(rng: Rng) -> Inputs:
    n = rng.integers(2, 30, 4) * 2
    frame = pd.DataFrame({"layer": list("dbca"), "size": n * rng.integers(1, 9, 4), "drawn": n, "right": 0.0})
    return {
        "strata": frame.assign(right=rng.binomial(n // 2, 0.8) * 2), "stratum": "layer", "population": "size",
        "sampled": "drawn", "successes": "right",
    }  # fmt: skip


def drawn_values(rng: Rng) -> Inputs:
    n = rng.integers(2, 9, 3)
    frame = pd.DataFrame({"layer": np.repeat(list("bca"), n), "size": np.repeat(n * rng.integers(2, 9, 3), n)})
    seconds = np.round(rng.gamma(4, 20, len(frame)), 3)
    return {"sample": frame.assign(seconds=seconds), "stratum": "layer", "population": "size", "value": "seconds"}


def drawn_sums(rng: Rng) -> Inputs:
    found = drawn_values(rng)
    by = found["sample"].groupby(["layer", "size"])["seconds"]
    sums = {"sampled": by.size(), "total": by.sum(), "sum_of_squares": by.apply(lambda own: (own**2).sum())}
    return {"sample": pd.DataFrame(sums).reset_index(), "stratum": "layer", "population": "size"}


def audits(rng: Rng) -> Inputs:
    n = int(rng.integers(12, 60))
    frame = pd.DataFrame(
        {
            "right": (rng.random(n) < 0.8).astype(int),
            "weight": rng.uniform(1, 9, n),
            "layer": rng.choice(["c", "a", "b"], n),
            "person": rng.choice([f"m{place}" for place in range(6)], n),
        }
    )
    return {"sample": frame, "value": "right", "weight": "weight", "stratum": "layer", "cluster": "person"}


def sums_of_audits(rng: Rng) -> Inputs:
    rows = []
    for _ in range(4):
        sample = audits(rng)["sample"].assign(y=lambda own: own["right"] * own["weight"], w=lambda own: own["weight"])
        by = sample.groupby("person")[["y", "w"]].sum()
        y, w = by["y"], by["w"]
        squared = (sample["w"] ** 2).sum()
        rows.append([len(by), w.sum(), y.sum(), squared, (y**2).sum(), (y * w).sum(), (w**2).sum()])
    columns = ["clusters", "weight", "weighted", "squared_weight", "cluster_yy", "cluster_yw", "cluster_ww"]
    return {"sums": pd.DataFrame(rows, columns=columns)}


def arms(rng: Rng) -> Inputs:
    frame = pd.DataFrame(
        [(queue, is_positive) for queue in ("live", "ads") for is_positive in (True, False)],
        columns=["queue", "is_positive"],
    )
    share = rng.uniform(0.1, 0.9, 2)
    frame = frame.assign(share=np.column_stack([share, 1 - share]).ravel())
    frame = frame.assign(observed=rng.uniform(0.1, 0.9, 4), observed_variance=1e-4)
    return {"arms": frame, "sensitivity": 0.9, "specificity": 0.95, "by": ["queue"], "sensitivity_variance": 1e-4}


def weighed_arms(rng: Rng) -> Inputs:
    frame = pd.DataFrame(
        [
            (queue, group, is_positive)
            for queue in ("live", "ads") for group in ("hate", "spam") for is_positive in (True, False)
        ],
        columns=["queue", "group", "is_positive"],
    )  # fmt: skip
    frame = frame.assign(weight=rng.uniform(10, 90, len(frame)), accuracy=0.9, effective_n=80)
    frame = frame.assign(violative_weight=frame["weight"] * np.where(frame["is_positive"], 0.85, 0.1))
    seen = pd.DataFrame(
        {"sensitivity": [0.9, 0.85], "specificity": [0.95, 0.97], "sensitivity_variance": 1e-4,
         "specificity_variance": 1e-5}, index=["hate", "(pool)"],
    )  # fmt: skip
    return {"arms": frame, "seen": seen, "by": ["queue"]}


def known_items(rng: Rng) -> Inputs:
    frame = pd.DataFrame({"group": ["hate", "minors", "spam"], "violative": 60.0, "non_violative": 80.0})
    found = {f"{kind}_found": frame[kind] - rng.integers(1, 20, 3) for kind in ("violative", "non_violative")}
    return {"items": frame.assign(**found)}


def weighted_outcomes(rng: Rng) -> Inputs:
    found = outcomes(rng)
    weight = rng.choice([1.0, 4.0, 20.0], len(found["sample"]))
    return found | {"sample": found["sample"].assign(weight=weight), "weights": "weight"}


def decisions(rng: Rng) -> pd.DataFrame:
    n = 120
    frame = pd.DataFrame(
        {
            "person": rng.choice([f"m{place}" for place in range(12)], n),
            "queue": rng.choice(["live", "ads", "video"], n),
            "hours": rng.normal(4, 1, n),
        }
    )
    odds = 0.5 * (frame["hours"] - 4) + (frame["queue"] == "ads")
    return frame.assign(
        is_error=(rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int), seconds=odds + rng.normal(size=n)
    )


def outcomes(rng: Rng) -> Inputs:
    return {
        "sample": decisions(rng).drop(columns="seconds"), "successes": "is_error", "predictors": ["queue", "hours"],
        "errors": "cluster", "cluster": "person",
    }  # fmt: skip


def quantities(rng: Rng) -> Inputs:
    return {
        "sample": decisions(rng).drop(columns="is_error"), "outcome": "seconds", "predictors": ["queue", "hours"],
        "errors": "cluster", "cluster": "person",
    }  # fmt: skip


def robust_quantities(rng: Rng) -> Inputs:
    sample = decisions(rng).drop(columns=["is_error", "person"])
    return {"sample": sample, "outcome": "seconds", "predictors": ["queue", "hours"]}


def outcome_cells(rng: Rng) -> Inputs:
    frame = decisions(rng).assign(hours=lambda own: own["hours"].round())
    found = frame.groupby(["queue", "hours"])["is_error"].agg(["sum", "size"]).reset_index()
    return {
        "sample": found.astype({"sum": float, "size": float}), "successes": "sum", "trials": "size",
        "predictors": ["queue", "hours"], "errors": "classic",
    }  # fmt: skip


def pairs_of_quantities(rng: Rng) -> Inputs:
    x = rng.normal(size=(30, 1)) + rng.normal(size=(30, 3))
    return {"sample": pd.DataFrame(x.round(3), columns=["c", "a", "b"]), "variables": ["a", "c", "b"]}


def plan(rng: Rng) -> Inputs:
    frame = pd.DataFrame(
        # No two alike: which of twins gets the odd unit is by name.
        {"layer": list("cabd"), "size": rng.permutation(600)[:4] * 2 + 600, "spread": rng.choice([0.1, 0.3, 0.5], 4)}
    )
    return {"strata": frame, "total": 200, "stratum": "layer", "population": "size", "deviation": "spread"}


def planned(rng: Rng) -> Inputs:
    frame = plan(rng)["strata"].drop(columns="layer").assign(audits=rng.integers(5, 40, 4) * 2)
    return {"strata": frame, "population": "size", "planned": "audits", "deviation": "spread"}


def frame_and_plan(rng: Rng) -> Inputs:
    frame = pd.DataFrame({"id": [f"d{place}" for place in range(40)], "layer": rng.choice(["b", "a"], 40)})
    allocation = pd.DataFrame({"layer": ["b", "a"], "audits": rng.integers(1, 6, 2)})
    return {
        "frame": frame, "allocation": allocation, "seed": "2026", "unit": "id", "stratum": "layer", "planned": "audits"
    }  # fmt: skip


def shares(rng: Rng) -> Inputs:
    n = rng.integers(1, 90, 5)
    return {"successes": rng.binomial(n, 0.7), "n": n}


def share_of_one(rng: Rng) -> Inputs:
    return {
        "observed": rng.uniform(0.2, 0.8), "sensitivity": 0.9, "specificity": 0.95, "observed_variance": 1e-3,
        "sensitivity_variance": 1e-4, "specificity_variance": 1e-4,
    }  # fmt: skip


def two_shares(rng: Rng) -> Inputs:
    first, second = shares(rng), shares(rng)
    return {
        "successes_1": first["successes"], "n_1": first["n"], "successes_2": second["successes"], "n_2": second["n"]
    }  # fmt: skip


def weighted_shares(rng: Rng) -> Inputs:
    found = shares(rng)
    weight = found["n"] * 3.0
    return {"successes": found["successes"] * 3.0, "weight": weight, "squared_weight": found["n"] * 9.0}


def sums_of_values(rng: Rng) -> Inputs:
    values = rng.gamma(4, 20, (5, 7)).round(3)
    return {"n": np.full(5, 7.0), "total": values.sum(axis=1), "sum_of_squares": (values**2).sum(axis=1)}


def leans(rng: Rng) -> Inputs:
    parts = rng.integers(0, 20, (3, 5))
    return {"stricter": parts[0], "milder": parts[1], "n": parts.sum(axis=0)}


def table(rng: Rng) -> Inputs:
    names = ["remove", "label", "no_violation"]
    cells = rng.integers(0, 9, (3, 3)) + np.diag(rng.integers(5, 20, 3))
    return {"table": pd.DataFrame(cells, index=names, columns=names), "labels": names[::-1], "weights": "linear"}


def counts_in_a_table(rng: Rng) -> Inputs:
    return {"table": pd.DataFrame(rng.integers(1, 30, (3, 4)))}


# What changes a table, or what there is no word for above


def table_in_another_order(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
    order = rng.permutation(len(inputs["table"]))
    return inputs | {"table": inputs["table"].iloc[order, rng.permutation(3)]}, same


def table_by_other_names(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
    names = dict(zip(inputs["labels"], (f"n{place}" for place in rng.permutation(9)), strict=False))
    return {
        "table": inputs["table"].rename(index=names, columns=names),
        "labels": [names[label] for label in inputs["labels"]],
        "weights": inputs["weights"],
    }, same


def rows_and_columns(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
    return {"table": inputs["table"].iloc[rng.permutation(3), rng.permutation(4)]}, same


def labels_from_elsewhere(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
    frame = inputs["ratings"]
    return inputs | {"ratings": frame.assign(said=(frame["said"] + rng.choice(ZEROS)) * rng.choice(SCALES))}, same


def p_values(rng: Rng) -> Inputs:
    return {"p_values": rng.random(9)}


def by_another_first_value(rng: Rng, inputs: Inputs) -> tuple[Inputs, Callable[[pd.DataFrame], pd.DataFrame]]:
    """Effects are differences from the first value by name: another first one changes those, and nothing else."""
    names = dict(zip(["ads", "live", "video"], (f"n{place}" for place in rng.permutation(9)), strict=False))
    people = {f"m{place}": f"n{other}" for place, other in enumerate(rng.permutation(99)[:12])}
    frame = inputs["sample"].assign(queue=inputs["sample"]["queue"].map(names))
    if "person" in frame:
        frame["person"] = frame["person"].map(people)
    return inputs | {"sample": frame}, lambda found: found[(found["term"] == "hours") | found["term"].isna()]


FACES = {
    "agreement": Face(
        agreeing.agreement, ratings, rows=shuffled, units="nominal labels have no unit: see the next",
        labels=renamed(ratings=("item", "who", "said")), weights="ratings have no weights", strata=NO_STRATA,
        once={"ratings": "two labels for an item"}, may_be_missing={"said": "no rating"},
    ),
    "agreement of numbers": Face(
        agreeing.agreement, measured_ratings, rows=shuffled, units=labels_from_elsewhere,
        labels="numbers are what they are", weights="ratings have no weights", strata=NO_STRATA,
        once={"ratings": "two labels for an item"}, may_be_missing={"said": "no rating"},
    ),
    "agreement of ranks": Face(
        agreeing.agreement, ordered_ratings, rows=shuffled, units=NOTHING_MEASURED,
        labels=renamed(ratings=("item", "who", "said")), weights="ratings have no weights", strata=NO_STRATA,
        once={"ratings": "two labels for an item"}, may_be_missing={"said": "no rating"},
    ),
    "agreement_from_counts": Face(
        agreeing.agreement_from_counts, counted_ratings, rows=shuffled, units=NOTHING_MEASURED,
        labels=renamed(item_label=("item", "said"), rater_label=("who", "said")), weights=COUNTS, strata=NO_STRATA,
        once={"item_label": "more than one row", "rater_label": "more than one row"},
    ),
    "cohen_kappa": Face(
        agreeing.cohen_kappa, table, rows=table_in_another_order, units=NOTHING_MEASURED, labels=table_by_other_names,
        weights=COUNTS, strata=NO_STRATA,
    ),
    "strictness": Face(
        agreeing.strictness, leans, rows=followed, units=NOTHING_MEASURED, labels=NO_NAMES, weights=COUNTS,
        strata=NO_STRATA,
    ),
    "adjust": Face(
        comparison.adjust, p_values, rows=followed, units=NOTHING_MEASURED, labels=NO_NAMES,
        weights="p-values have no weights", strata=NO_STRATA, may_be_missing={"p_values": "not counted"},
    ),
    "anova": Face(
        comparison.anova, groups, rows=shuffled, units=moved("sample", "seconds", {}), labels=renamed(sample=("site",)),
        weights=COUNTS, strata=NO_STRATA,
    ),
    "anova of sums": Face(
        comparison.anova, sums_of_groups, rows=shuffled, labels=renamed(sample=("site",)), weights=COUNTS,
        units=scaled({}, by_input={"mean": 1, "variance": 2}, of="sample"), strata=NO_STRATA,
        once={"sample": "names a group twice"},
    ),
    "welch_anova": Face(
        comparison.welch_anova, groups, rows=shuffled, units=moved("sample", "seconds", {}),
        labels=renamed(sample=("site",)), weights=COUNTS, strata=NO_STRATA,
    ),
    "t_test": Face(
        comparison.t_test, two_groups, rows=shuffled, labels=renamed(sample=("site",)), weights=COUNTS,
        units=moved("sample", "seconds", {"estimate": 1, "lower": 1, "upper": 1}), strata=NO_STRATA,
    ),
    "pairwise": Face(
        comparison.pairwise, groups, rows=shuffled, labels=renamed(sample=("site",)), weights=COUNTS,
        units=moved("sample", "seconds", {"estimate": 1, "lower": 1, "upper": 1}), strata=NO_STRATA,
    ),
    "mean_interval": Face(
        comparison.mean_interval, sums_of_values, rows=followed, labels=NO_NAMES, weights=COUNTS, strata=NO_STRATA,
        units=scaled(
            dict.fromkeys(ESTIMATE, 1),
            by_input={"total": 1, "sum_of_squares": 2},
        ),
    ),
    "chi_square": Face(
        comparison.chi_square, counts_in_a_table, rows=rows_and_columns, units=NOTHING_MEASURED, labels=NO_NAMES,
        weights=COUNTS, strata="a row split in two is another question",
    ),
    "standardise": Face(
        comparison.standardise, cells_with_variances, rows=shuffled, units=NOTHING_MEASURED,
        labels=renamed(cells=("member", "queue")), weights=doubled({"judged": 1, "right": 1}, of="cells"),
        strata=halved("cells", "queue", ("judged", "right"), ("group", "raw", "standardised", "overlap", "reason")),
        once={"cells": "more than one row"},
    ),
    "standardised_pairs": Face(
        comparison.standardised_pairs, weighted_cells, rows=shuffled, units=NOTHING_MEASURED,
        labels=renamed(cells=("member", "queue")), weights=doubled({"judged": 1, "right": 1}, of="cells"),
        strata=halved("cells", "queue", ("judged", "right", "audits")), once={"cells": "more than one row"},
    ),
    "against_others": Face(
        comparison.against_others, cells, rows=shuffled, units=NOTHING_MEASURED,
        labels=renamed(cells=("member", "queue")), weights=COUNTS,
        strata=halved("cells", "queue", ("judged", "right")), once={"cells": "more than one row"},
    ),
    "interval": Face(
        proportions.interval, shares, rows=followed, units=NOTHING_MEASURED, labels=NO_NAMES, weights=COUNTS,
        strata=NO_STRATA,
    ),
    "smoothed": Face(
        proportions.smoothed, shares, rows=followed, units=NOTHING_MEASURED, labels=NO_NAMES, weights=COUNTS,
        strata=NO_STRATA,
    ),
    "difference": Face(
        proportions.difference, two_shares, rows=followed, units=NOTHING_MEASURED, labels=NO_NAMES, weights=COUNTS,
        strata=NO_STRATA,
    ),
    "weighted_interval": Face(
        proportions.weighted_interval, weighted_shares, rows=followed, units=NOTHING_MEASURED, labels=NO_NAMES,
        weights=doubled({"successes": 1, "weight": 1, "squared_weight": 2}), strata=NO_STRATA,
    ),
    "weighted": Face(
        proportions.weighted, audits, rows=shuffled, units=NOTHING_MEASURED, labels=renamed(sample=("layer", "person")),
        weights=doubled({"weight": 1}, of="sample"), strata="strata move the error: two know less than one of either",
    ),
    "weighted_from_sums": Face(
        proportions.weighted_from_sums, sums_of_audits, rows=followed, units=NOTHING_MEASURED, labels=NO_NAMES,
        weights=doubled(
            {"weight": 1, "weighted": 1, "squared_weight": 2, "cluster_yy": 2, "cluster_yw": 2, "cluster_ww": 2},
            of="sums",
        ),
        strata=NO_STRATA,
    ),
    "stratified": Face(
        proportions.stratified, strata, rows=shuffled, units=NOTHING_MEASURED, labels=renamed(strata=("layer",)),
        weights=doubled({"size": 1}, of="strata", compared=("estimate", "n")),
        strata=halved("strata", "layer", ("size", "drawn", "right"), ("estimate", "n")),
        once={"strata": "names a stratum twice"},
    ),
    "mean_stratified": Face(
        proportions.mean_stratified, drawn_values, rows=shuffled, labels=renamed(sample=("layer",)),
        units=scaled(
            dict.fromkeys(ESTIMATE, 1), by_input={"seconds": 1}, of="sample"
        ),
        weights=doubled({"size": 1}, of="sample", compared=("estimate", "n")),
        strata="of values: see the sums",
    ),
    "mean_stratified from another zero": Face(
        proportions.mean_stratified, drawn_values, rows=shuffled, labels=renamed(sample=("layer",)),
        units=moved("sample", "seconds", {"standard_error": 1}, ("standard_error", "n", "reason")),
        weights=doubled({"size": 1}, of="sample", compared=("estimate", "n")),
        strata="of values: see the sums",
    ),
    "mean_stratified of sums": Face(
        proportions.mean_stratified, drawn_sums, rows=shuffled, labels=renamed(sample=("layer",)),
        units=scaled(
            dict.fromkeys(ESTIMATE, 1),
            by_input={"total": 1, "sum_of_squares": 2}, of="sample",
        ),
        weights=doubled({"size": 1}, of="sample", compared=("estimate", "n")),
        strata=halved("sample", "layer", ("size", "sampled", "total", "sum_of_squares"), ("estimate",)),
        once={"sample": "names a stratum twice"},
    ),
    "rogan_gladen": Face(
        proportions.rogan_gladen, share_of_one, rows=NO_ROWS, units=NOTHING_MEASURED, labels=NO_NAMES, weights=NO_ROWS,
        strata=NO_ROWS,
    ),
    "accuracy_given_auditor_error": Face(
        proportions.accuracy_given_auditor_error, arms, rows=shuffled, units=NOTHING_MEASURED,
        labels=renamed(arms=("queue",)), weights="shares that add to 1", strata="two arms, neither of which splits",
        once={"arms": "one of measures and one of none"},
    ),
    "accuracy_by_known_auditors": Face(
        proportions.accuracy_by_known_auditors, weighed_arms, rows=shuffled_arms, units=NOTHING_MEASURED,
        labels=renamed(arms=("queue",)),
        weights=doubled({"weight": 1, "violative_weight": 1}, of="arms"),
        strata="two arms of each group, neither of which splits", once={"arms": "once each group"},
    ),
    "auditor_errors": Face(
        proportions.auditor_errors, known_items, rows=shuffled, units=NOTHING_MEASURED,
        labels="the names of groups are the index of the result", weights=COUNTS,
        strata="groups are kept apart", once={"items": "names a group twice"},
    ),
    "linear": Face(
        regression.linear, quantities, rows=shuffled, units=terms_moved, labels=by_another_first_value,
        weights="rows have no weights", strata=NO_STRATA,
    ),
    "linear, robust, its outcome in another unit": Face(
        regression.linear, robust_quantities, rows=shuffled, labels=by_another_first_value,
        units=scaled(
            dict.fromkeys(ESTIMATE, 1), by_input={"seconds": 1}, of="sample"
        ),
        weights="rows have no weights", strata=NO_STRATA,
    ),
    "logit": Face(
        regression.logit, outcomes, rows=shuffled, units=terms_moved, labels=by_another_first_value,
        weights="rows have no weights: see cells", strata=NO_STRATA,
    ),
    "logit of cells": Face(
        regression.logit, outcome_cells, rows=shuffled, units=terms_moved, labels=by_another_first_value,
        weights=doubled({"sum": 1, "size": 1}, of="sample", compared=("term", "estimate", "marginal_effect", "reason")),
        strata=halved("sample", "", ("sum", "size")),
    ),
    "logit, weighted": Face(
        regression.logit, weighted_outcomes, rows=shuffled, units=terms_moved, labels=by_another_first_value,
        weights=doubled({"weight": 1}, of="sample"), strata=NO_STRATA,
    ),
    "correlation": Face(
        regression.correlation, pairs_of_quantities, rows=shuffled, units=moved("sample", "c", {}),
        labels="columns have names, units none", weights="rows have no weights", strata=NO_STRATA,
        may_be_missing=dict.fromkeys(["a", "b", "c"], "the unit is left out of that pair"),
    ),
    "correlation of values": Face(
        regression.correlation, lambda rng: pairs_of_quantities(rng) | {"method": "pearson"}, rows=shuffled,
        units=moved("sample", "a", {}), labels="columns have names, units none", weights="rows have no weights",
        strata=NO_STRATA, may_be_missing=dict.fromkeys(["a", "b", "c"], "the unit is left out of that pair"),
    ),
    "sample_size": Face(
        sampling.sample_size, lambda rng: {"population": rng.integers(1, 9000, 5)}, rows=followed,
        units=NOTHING_MEASURED, labels=NO_NAMES, weights="the population is a count", strata=NO_STRATA,
    ),
    "two_proportion_sample_size": Face(
        sampling.two_proportion_sample_size, lambda rng: {"proportion_1": 0.5, "proportion_2": rng.uniform(0.6, 0.9)},
        rows=NO_ROWS, units=NOTHING_MEASURED, labels=NO_NAMES, weights=NO_ROWS, strata=NO_ROWS,
    ),
    "neyman_allocation": Face(
        sampling.neyman_allocation, plan, rows=shuffled, labels=renamed(strata=("layer",)),
        units=scaled({"spread": 1}, by_input={"spread": 1}, of="strata"),
        weights=doubled({"size": 1}, of="strata", compared=("layer", "planned_n")),
        strata="whole numbers: see test_a_stratum_split_in_two_gets_as_much", once={"strata": "names a stratum twice"},
    ),
    "expected_margin": Face(
        sampling.expected_margin, planned, rows=shuffled, labels=NO_NAMES,
        units=scaled({"value": 1}, by_input={"spread": 1}, of="strata"),
        weights="more of a population leave more unseen",
        strata=halved("strata", "", ("size", "audits")),
    ),
    "draw": Face(
        sampling.draw, frame_and_plan, rows=shuffled, units="nothing is measured",
        labels=renamed(frame=("layer",), allocation=("layer",)), weights="what is drawn has no weight yet",
        strata="other strata draw others", once={"frame": "names a unit twice", "allocation": "names a stratum twice"},
    ),
}  # fmt: skip


def comparable(found: pd.DataFrame) -> pd.DataFrame:
    """Pairs the same way round, rows in an order of their own, all as texts and numbers."""
    found = found.reset_index(drop=True)
    if "group_2" in found:
        turned = found["group_1"].astype(str) > found["group_2"].astype(str)
        found.loc[turned, ["group_1", "group_2"]] = found.loc[turned, ["group_2", "group_1"]].to_numpy()
        for lower, upper in (("lower", "upper"), ("raw_lower", "raw_upper")):
            if lower in found:
                found.loc[turned, [lower, upper]] = -found.loc[turned, [upper, lower]].to_numpy()
        signed = [name for name in ("estimate", "raw_difference", "statistic") if name in found]
        found.loc[turned, signed] = -found.loc[turned, signed]
    keys = [name for name in found if not pd.api.types.is_float_dtype(found[name]) and name != "reason"]
    return found.sort_values(keys, kind="stable", ignore_index=True) if keys else found


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    if "term" in expected:  # of a regression, those that are promised
        found = found[found["term"].isin(expected["term"])]
    found, expected = comparable(found[list(expected.columns)]), comparable(expected)
    assert len(found) == len(expected)
    for name in expected:
        if pd.api.types.is_numeric_dtype(expected[name]):
            own = expected[name].to_numpy(float)
            # Differences near nothing are of the order of what is beside them; a large zero costs digits.
            scale = float(np.nanmax(np.abs(own), initial=1e-300)) if np.isfinite(own).any() else 1.0
            np.testing.assert_allclose(found[name].to_numpy(float), own, rtol=2e-5, atol=2e-6 * scale, err_msg=name)
        else:
            assert found[name].fillna("").tolist() == expected[name].fillna("").tolist(), name


PROMISES = [
    (name, invariance)
    for name, face in FACES.items()
    for invariance in INVARIANCES
    if not isinstance(getattr(face, invariance), str)
]


@pytest.mark.parametrize(("name", "invariance"), PROMISES, ids=lambda value: value)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_changes_nothing_changes_nothing(name: str, invariance: str, seed: int) -> None:
    face, rng = FACES[name], np.random.default_rng(seed)
    inputs = face.inputs(rng)
    changed, expected = getattr(face, invariance)(rng, inputs)
    wanted = expected(face.result(inputs))
    found = face.result(changed)
    if invariance == "rows":
        wanted, found = wanted.reset_index(drop=True), found.reset_index(drop=True)
    assert_same(found[[column for column in found if column in wanted]], wanted)


def columns_of(face: Face) -> list[tuple[str, str | None]]:
    """What may be missing: each column of each frame, and each input that is numbers."""
    found: list[tuple[str, str | None]] = []
    for name, value in face.inputs(np.random.default_rng(1)).items():
        if isinstance(value, pd.DataFrame):
            found += [(name, column) for column in value]
        elif isinstance(value, np.ndarray | float):
            found.append((name, None))
    return found


PLACES = [
    (name, place, column)
    for name, face in FACES.items()
    for place, column in columns_of(face)
    if (column or place) not in face.may_be_missing
]


@pytest.mark.parametrize(("name", "place", "column"), PLACES, ids=str)
def test_what_is_missing_is_refused_by_name(name: str, place: str, column: str | None) -> None:
    face, inputs = FACES[name], FACES[name].inputs(np.random.default_rng(2))
    # A table of counts is one whole: no parameter names its columns.
    named = None if place == "table" else column
    given_by = [
        parameter
        for parameter, value in inputs.items()
        if (isinstance(value, str) and value == named) or (isinstance(value, list) and named in value)
    ]
    value = inputs[place] if column is None else inputs[place][column]
    is_text = column is not None and not pd.api.types.is_numeric_dtype(value)
    for missing in (*MISSING, *(("", " ") if is_text else ())):
        bad = missing
        if column is not None:
            frame = inputs[place].astype({column: object})
            frame.iloc[1, list(frame).index(column)] = missing
            bad = frame
        elif isinstance(value, np.ndarray):
            bad = value.astype(object)
            bad[1] = missing
        elif missing is not np.nan:
            continue
        with pytest.raises(ValueError, match=named or place) as error:
            face.call(**inputs | {place: bad})
        for parameter in given_by:
            assert parameter in str(error.value)


@pytest.mark.parametrize(
    ("name", "place", "message"),
    [(name, place, message) for name, face in FACES.items() for place, message in face.once.items()],
    ids=str,
)
def test_what_is_there_twice_is_refused(name: str, place: str, message: str) -> None:
    face, inputs = FACES[name], FACES[name].inputs(np.random.default_rng(3))
    twice = pd.concat([inputs[place], inputs[place].iloc[[1]]])
    with pytest.raises(ValueError, match=message):
        face.call(**inputs | {place: twice})


@pytest.mark.parametrize("kind", ["string", "category"])
@pytest.mark.parametrize("name", FACES)
def test_how_texts_are_kept_changes_nothing(name: str, kind: str) -> None:
    face, inputs = FACES[name], FACES[name].inputs(np.random.default_rng(4))
    changed = dict(inputs)
    for place, value in inputs.items():
        if isinstance(value, pd.DataFrame):
            texts = [column for column in value if not pd.api.types.is_numeric_dtype(value[column])]
            changed[place] = value.astype(dict.fromkeys(texts, kind))
    found = face.result(changed)
    categories = found.select_dtypes("category").columns
    assert_same(found.astype(dict.fromkeys(categories, object)), face.result(inputs))


def test_every_public_function_says_what_changes_nothing() -> None:
    assert {face.call for face in FACES.values()} == set(public_functions())


def test_a_promise_that_is_not_made_has_a_reason() -> None:
    for face in FACES.values():
        for invariance in INVARIANCES:
            assert getattr(face, invariance)
    # As many as there are, so that none goes by the board.
    assert len(PROMISES) > 80


@pytest.mark.parametrize("seed", range(30))
def test_a_stratum_split_in_two_gets_as_much(seed: int) -> None:
    """Of whole numbers, to one unit for each split."""
    inputs = plan(np.random.default_rng(seed))
    half = inputs["strata"].assign(size=inputs["strata"]["size"] / 2)
    split = pd.concat([half, half.assign(layer=half["layer"] + " again")])
    whole = sampling.neyman_allocation(**inputs).set_index("layer")["planned_n"]
    halves = sampling.neyman_allocation(**inputs | {"strata": split})
    found = halves.groupby(halves["layer"].str[0])["planned_n"].sum()
    assert (found - whole).abs().max() <= 2
