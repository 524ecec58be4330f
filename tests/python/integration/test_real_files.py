"""Real files, landed by mapping and built: the published figures come out of the marts."""

import itertools
from collections.abc import Callable

import pytest
from conftest import SALT, Project, real_file

from plumbline.cli import main


@pytest.fixture(scope="module")
def real(new_project: Callable[..., Project]) -> Project:
    incidents = real_file("incidents", "incident_event_log_subset.csv")
    annotations = real_file("ratings", "tweet_annotation_sensitivity.csv")
    stability = real_file("ratings", "xhate_stability.csv")
    project = new_project("real", salt=SALT)

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
    for vintage in ("2023-q2", "2023-q3"):
        land("cger", real_file("cger", f"tiktok-{vintage}.csv"), vintage=f"'{vintage}'")
    period = "date '2025-07-01'"
    for part in ("appeals", "automated_means", "human_resources"):
        land("dsa_report", real_file("dsa", f"dsa_vlop_h2_2025_{part}.csv"), period_start=period)
    land("dsa_recipients", real_file("dsa", "dsa_vlop_h2_2025_amar.csv"), period_start=period)
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


@pytest.mark.parametrize(("session", "alpha"), [("hate.speech", 0.3853), ("offensive.language", 0.5379)])
def test_alpha_of_the_sensitivity_study(session: str, alpha: float, real: Project) -> None:
    ((found,),) = real.query(
        "select estimate from dev_marts.mart_inter_rater_agreement"
        f" where slice_type = 'session' and slice = '{session}' and coefficient = 'krippendorff_alpha'"
    )
    assert found == pytest.approx(alpha, abs=5e-5)


def test_the_same_raters_a_round_later(real: Project) -> None:
    # Over both conditions: published_results; here the sessions together, as kappa of the table of both rounds.
    ((found,),) = real.query(
        "select estimate from dev_marts.mart_inter_rater_agreement"
        " where slice_type = 'all' and rating_round = 2 and coefficient = 'rating_stability'"
    )
    assert found == pytest.approx(0.5866, abs=5e-5)


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
        ("benchmarks.cger", 1912 + 8704, 1912 + 8704, True),
        ("benchmarks.dsa_reports", 429 + 844 + 2469, 429 + 844 + 2469, True),
        ("quality.calibration_ratings", 2 * 33683 + 2 * 2090, 2 * 33683 + 2 * 2090, True),
        ("support.ticket", 5998, 890, True),
        ("support.ticket_field_history", 7 * 5998, 7 * 5998, True),
        ("transparency.monthly_recipients", 519, 519, True),
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


def test_cger_figures_and_repeated_keys(real: Project) -> None:
    # TikTok's report of the third quarter of 2023, figures of the third quarter of 2022: published_results.
    rows = dict(
        real.query(
            "select metric, value from dev_marts.mart_public_benchmarks"
            " where source = 'cger' and vintage = '2023-q3' and period = 'Jul-Sep 2022' and is_whole"
        )
    )
    assert round(float(str(rows["Total videos removed"])) / 1e6, 2) == 110.95
    assert round(float(str(rows["Videos restored"])) / 1e6, 2) == 6.94
    assert rows["Proactive removal rate"] == 0.965
    assert rows["Removal rate before any views"] == 0.895
    assert rows["Removal rate within 24 hours"] == 0.927
    ((automated,),) = real.query(
        "select value from dev_marts.mart_public_benchmarks where source = 'cger' and vintage = '2023-q3'"
        " and period = 'Jul-Sep 2022' and metric = 'Total videos removed' and slice ilike 'automation'"
    )
    assert round(float(str(automated)) / 1e6, 2) == 53.29
    # The report of the second quarter gives some figures twice: both stand, each flagged.
    repeated = real.query(
        "select vintage, count(*) from dev_marts.mart_public_benchmarks"
        " where source = 'cger' and is_repeated group by 1"
    )
    assert repeated == [("2023-q2", 32)]
    assert real.query("select count(*) from dev_marts.mart_public_benchmarks where source = 'cger'") == [(1912 + 8704,)]


def test_a_figure_that_was_renamed_is_one_series(real: Project) -> None:
    # Counted in both files: 12 and 63 rows, 1 and 2.
    rows = real.query(
        "select metric, vintage, count(*) from dev_marts.mart_public_benchmarks"
        " where source = 'cger' and metric ilike '%rate of published' group by all order by all"
    )
    assert rows == [
        ("LIVE: Suspension rate of published", "2023-q2", 1),
        ("LIVE: Suspension rate of published", "2023-q3", 2),
        ("Video: Removal rate of published", "2023-q2", 12),
        ("Video: Removal rate of published", "2023-q3", 63),
    ]


def test_one_row_of_a_breakdown_and_its_whole_is_the_whole(real: Project) -> None:
    """Who sums what is whole, adds no breakdown to it: a figure of a period has one such row, but for repeated keys."""
    assert (
        real.query(
            "select vintage, metric, period from dev_marts.mart_public_benchmarks where source = 'cger' and is_whole"
            " and not is_repeated group by all having count(*) > 1"
        )
        == []
    )
    ((whole, parts),) = real.query(
        "select count(*) filter (where is_whole), count(*) filter (where not is_whole)"
        " from dev_marts.mart_public_benchmarks where source = 'cger'"
    )
    assert 0 < whole < parts


def test_dsa_accuracy_is_flagged_where_it_does_not_follow_from_its_parts(real: Project) -> None:
    rows = real.query(
        "select is_inconsistent, count(*), min(slice), max(slice), min(abs(value - reconstructed_value)),"
        " max(abs(value - reconstructed_value)) from dev_marts.mart_public_benchmarks"
        " where service = 'TikTok' and reconstructed_value is not null group by 1 order by 1"
    )
    (total, states) = rows
    assert total[:4] == (False, 1, "total", "total")
    assert states[:4] == (True, 27, "AT", "SK")
    # The total follows from its parts, to the rounding; Bulgaria is closest to it, the Netherlands farthest.
    ((published, reconstructed),) = real.query(
        "select value, reconstructed_value from dev_marts.mart_public_benchmarks"
        " where service = 'TikTok' and reconstructed_value is not null and is_whole"
    )
    assert (round(float(str(published)), 3), round(float(str(reconstructed)), 4)) == (0.918, 0.9171)
    ((closest, farthest),) = real.query(
        "select min_by(slice, abs(value - reconstructed_value)), max_by(slice, abs(value - reconstructed_value))"
        " from dev_marts.mart_public_benchmarks"
        " where service = 'TikTok' and reconstructed_value is not null and is_inconsistent"
    )
    assert (closest, farthest) == ("BG", "NL")
    assert round(float(str(states[4])), 4) == 0.0065
    assert round(float(str(states[5])), 3) == 0.053


MEMBER_STATES = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
}  # fmt: skip


def test_dsa_scopes_and_shares_over_one(real: Project) -> None:
    """Counted in the files by hand: a scope says by its form what it is; Bing publishes some shares as 100."""
    import csv

    published = []
    for part in ("human_resources", "appeals", "automated_means"):
        with real_file("dsa", f"dsa_vlop_h2_2025_{part}.csv").open(newline="", encoding="utf-8-sig") as stream:
            published += list(csv.DictReader(stream))
    two_letters = [row for row in published if len(row["scope"].removeprefix("Total number: ")) == 2]
    # Some services write languages in capitals; expertise is in languages only.
    languages = [
        row for row in two_letters
        if row["scope"].removeprefix("Total number: ").islower() or "linguistic expertise" in row["indicator"]
    ]  # fmt: skip
    assert any(row["scope"].isupper() for row in languages)
    members = {
        str(scope)
        for (scope,) in real.query(
            "select distinct slice from dev_marts.mart_public_benchmarks where source = 'dsa_report'"
            " and slice_type = 'member_state'"
        )
    }
    assert members == MEMBER_STATES
    found = dict(
        real.query(
            "select slice_type, count(*) from dev_marts.mart_public_benchmarks where source = 'dsa_report' group by 1"
        )
    )
    assert found["language"] == len(languages) > 0
    assert real.query(
        "select distinct slice from dev_marts.mart_public_benchmarks where source = 'dsa_report'"
        " and slice_type = 'tool' order by 1"
    ) == [("NCII",), ("PhotoDNA",), ("SafeGuard",), ("Safer",)]
    assert real.query(
        "select service, slice_type, count(*), min(value) from dev_marts.mart_public_benchmarks"
        " where is_over_one group by all order by 2"
    ) == [("Bing", "category", 4, 100), ("Bing", "total", 4, 100)]
    # Each indicator that services publish is one that is filled here, or of which it is said why not.
    answered = {str(name) for (name,) in real.query("select distinct indicator from dev_marts.mart_dsa_transparency")}
    assert {row["indicator"] for row in published} - answered == set()
    # Keys that come again are all kept, and flagged.
    repeated = real.query(
        "select count(*) from dev_marts.mart_public_benchmarks where source = 'dsa_report' and is_repeated"
    )
    assert repeated == [(631,)]


def test_dsa_overturn_rate_and_external_moderators(real: Project) -> None:
    ((overturned,),) = real.query(
        """
        select sum(value) filter (where slice in ('Decisions reversed', 'Decisions partially reversed'))
            / sum(value) filter (
                where slice in ('Decisions upheld', 'Decisions reversed', 'Decisions partially reversed')
            )
        from dev_marts.mart_public_benchmarks
        where service = 'TikTok' and section = 'Internal complaints mechanism'
            and metric = 'Number of complaints submitted to the internal-complaints mechanism'
        """
    )
    assert round(float(str(overturned)) * 100, 2) == 46.16
    moderators = dict(
        real.query(
            "select metric, value from dev_marts.mart_public_benchmarks where service = 'TikTok'"
            " and section = 'Human resources dedicated to content moderation' and is_whole"
        )
    )
    external = moderators["Number of external moderators contracted by the provider"]
    internal = moderators["Number of internal moderators employed by the provider"]
    assert (external, float(str(external)) + float(str(internal))) == (3583, 3674)
