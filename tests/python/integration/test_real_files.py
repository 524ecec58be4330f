"""Real files, landed by mapping and built: the published figures come out of the marts."""

import itertools
from collections.abc import Callable

import pytest
from conftest import Project, real_file

from plumbline.cli import main


@pytest.fixture(scope="module")
def real(new_project: Callable[..., Project]) -> Project:
    incidents = real_file("incidents", "incident_event_log_subset.csv")
    annotations = real_file("ratings", "tweet_annotation_sensitivity.csv")
    stability = real_file("ratings", "xhate_stability.csv")
    project = new_project("real", salt="s" * 32)

    def land(mapping: str, file: object, **parameters: str) -> None:
        sets = [part for name, value in parameters.items() for part in ("--set", f"{name}={value}")]
        assert main(["land", mapping, str(file), *sets, "--landing", str(project.landing)]) == 0

    land("servicenow_incidents", incidents)
    for label in ("hate.speech", "offensive.language"):
        land(
            "rater_table", annotations, item='"tweet.id"', rater="id", label=f'"{label}"', session=f"'{label}'",
            version="version",
        )  # fmt: skip
    for number in ("1", "2"):
        land(
            "rater_table", stability, item='"row"', rater="annotator", label=f"label{number}", round=number,
            session="'xhate ' || condition",
        )  # fmt: skip
    project.build()
    return project


def test_incidents(real: Project) -> None:
    # UCI 498, first 890 incidents: published_results, "Real figures".
    ((tickets, events, made_sla, with_sla, most_reopens),) = real.query(
        "select sum(tickets_created), sum(ticket_events), sum(events_made_sla), sum(events_with_sla),"
        " max(most_reported_reopens) from dev_marts.mart_support_experience"
    )
    assert (tickets, events, made_sla, with_sla) == (890, 5998, 5599, 5998)
    assert most_reopens == 2


def test_ratings_and_raters(real: Project) -> None:
    rows = real.query(
        "select session_id, ratings, missing_ratings, raters from dev_marts.mart_calibration"
        " where session_id in ('hate.speech', 'offensive.language') order by session_id"
    )
    assert rows == [("hate.speech", 33683, 231, 916), ("offensive.language", 33683, 33, 916)]


def test_share_of_hate_by_arm(real: Project) -> None:
    rows = real.query(
        "select policy_version, round(share, 3) from dev_marts.mart_calibration_labels"
        " where session_id = 'hate.speech' and label = '1' order by policy_version"
    )
    assert rows == [("A", 0.271), ("B", 0.297), ("C", 0.28), ("D", 0.335), ("E", 0.316)]


def test_both_rounds_of_the_stability_study(real: Project) -> None:
    rows = real.query(
        "select rating_round, sum(ratings), max(raters) from dev_marts.mart_calibration"
        " where session_id like 'xhate%' group by 1"
    )
    assert sorted(rows) == [(1, 2090, 22), (2, 2090, 22)]


def test_every_row_of_every_real_file_is_accounted_for(real: Project) -> None:
    rows = real.query(
        "select source_table, sum(rows_to_account_for), sum(staged), bool_and(is_balanced)"
        " from dev_intermediate.int_reconciliation group by 1 order by 1"
    )
    assert rows == [
        ("quality.calibration_ratings", 2 * 33683 + 2 * 2090, 2 * 33683 + 2 * 2090, True),
        ("support.ticket", 5998, 890, True),
        ("support.ticket_field_history", 7 * 5998, 7 * 5998, True),
    ]


def test_reopenings_are_those_of_the_event_log(real: Project) -> None:
    """Counted here by hand from the file: a ticket is reopened when it leaves Resolved or Closed for another state."""
    import csv

    with real_file("incidents", "incident_event_log_subset.csv").open() as stream:
        events = sorted(
            csv.DictReader(stream),
            key=lambda row: (row["number"], *_minute(row["sys_updated_at"]), int(row["sys_mod_count"])),
        )
    done = {"Resolved", "Closed"}
    reopened = {
        now["number"]
        for was, now in itertools.pairwise(events)
        if was["number"] == now["number"] and was["incident_state"] in done and now["incident_state"] not in done
    }
    assert real.query("select count(*) from dev_marts.fct_tickets where reopens > 0") == [(len(reopened),)]
    assert reopened


def _minute(text: str) -> tuple[str, ...]:
    day, month, year = text[:10].split("-")
    return year, month, day, text[11:]
