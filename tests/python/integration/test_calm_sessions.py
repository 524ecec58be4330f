"""Agreement where all raters say the same, or all but one: from an annotation tool's file to the mart."""

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import SALT, Project

from plumbline.cli import main

ITEMS, RATERS = range(40), "abcdefghijklmnop"


def calm(session: str, *differing: str) -> str:
    """A rater table of forty items and sixteen raters who let all of them stand, but where said."""
    rows = (
        f"{session}-{item},rater-{rater},{'remove' if f'{item}{rater}' in differing else 'no_violation'},{session}"
        for item in ITEMS
        for rater in RATERS
    )
    return "\n".join(["item_id,rater_id,label,session_id", *rows]) + "\n"


@pytest.fixture(scope="module")
def sessions(new_project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = new_project("calm", salt=SALT)
    folder: Path = tmp_path_factory.mktemp("calm")
    for session, differing in (("calm", ()), ("nearly_calm", ("0a",))):
        file = folder / f"{session}.csv"
        file.write_text(calm(session, *differing))
        arguments = ["--landed-on", "2026-01-31", "--landing", str(project.landing)]
        assert main(["land", "rater_table", str(file), *arguments]) == 0
    project.build_up_to("mart_inter_rater_agreement", "mart_calibration")
    return project


@pytest.mark.parametrize(
    ("session", "coefficient", "estimate", "reason"),
    [
        ("calm", "percent_agreement", 1, "all items agree alike"),
        ("calm", "gwet_ac1", 1, "all items agree alike"),
        ("calm", "fleiss_kappa", None, "every rating has the same label"),
        ("calm", "krippendorff_alpha", None, "every rating has the same label"),
        ("calm", "conger_kappa", None, "every rating has the same label"),
        ("calm", "brennan_prediger", None, "one label alone is known"),
        # docs/decisions/one-label.md: (0.996875 - 0.0031201) / (1 - 0.0031201).
        ("nearly_calm", "gwet_ac1", 0.99687, None),
        ("nearly_calm", "percent_agreement", 0.996875, None),
        ("nearly_calm", "krippendorff_alpha", 0, "without one of the items every rating has the same label"),
    ],
)
def test_each_coefficient_answers_for_itself(
    session: str, coefficient: str, estimate: float | None, reason: str | None, sessions: Project
) -> None:
    ((found, lower, why),) = sessions.query(
        'select estimate, "lower", not_estimable_reason from dev_marts.mart_inter_rater_agreement'
        f" where slice_type = 'session' and slice = '{session}' and coefficient = '{coefficient}'"
    )
    assert found == (None if estimate is None else pytest.approx(estimate, abs=5e-6))
    assert why is None if reason is None else str(why).startswith(reason)
    assert (lower is None) == (reason is not None)


def test_the_page_of_sessions_has_the_same(sessions: Project) -> None:
    rows = sessions.query(
        "select session_id, round(gwet_ac1, 5), fleiss_kappa is null"
        " from dev_marts.mart_calibration order by session_id"
    )
    assert rows == [("calm", 1.0, True), ("nearly_calm", 0.99687, False)]
