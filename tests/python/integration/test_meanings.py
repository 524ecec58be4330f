"""Meanings that the sample is too short or too plain for: attrition over two years, several instruments of CSAT."""

import datetime as dt
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import pytest
from conftest import Project

pytestmark = pytest.mark.slow

FIRST, LAST = dt.date(2024, 1, 1), dt.date(2026, 1, 31)


@dataclass(frozen=True)
class Person:
    """Someone on the roster, from the day they were hired to their last day."""

    name: str
    vendor: str
    team: str
    hired_on: dt.date
    left_on: dt.date | None = None


def staff() -> list[Person]:
    """Forty in-house, five of whom leave one by one; six of a team that closes; ten of Palmera, two of whom leave."""
    long_ago = dt.date(2023, 5, 1)
    leave = [
        dt.date(2024, 3, 31),
        dt.date(2024, 6, 10),
        dt.date(2024, 9, 30),
        dt.date(2024, 12, 31),
        dt.date(2025, 2, 3),
    ]
    people = [Person(f"stays{i}", "in_house", "lisbon-1", long_ago) for i in range(35)]
    people += [Person(f"leaves{i}", "in_house", "lisbon-1", long_ago, day) for i, day in enumerate(leave)]
    people += [Person(f"closed{i}", "in_house", "lisbon-2", long_ago, dt.date(2025, 4, 30)) for i in range(6)]
    people += [Person(f"palmera{i}", "palmera", "bogota-1", dt.date(2024, 2, 15)) for i in range(8)]
    people += [Person(f"gone{i}", "palmera", "bogota-1", dt.date(2024, 2, 15), dt.date(2025, 7, 7)) for i in range(2)]
    return people


SITES = {"in_house": "lisbon", "palmera": "bogota"}


def land_roster(project: Project, people: list[Person], landed_on: str) -> None:
    rows = ", ".join(
        f"('{person.name}', '{person.hired_on}', '{SITES[person.vendor]}', '{person.vendor}', '{person.team}', "
        + (f"'{person.left_on}')" if person.left_on else "null)")
        for person in people
    )
    project.write(
        "workforce.moderators",
        "select moderator_id, cast(hired_on as date) as valid_from, site_id, vendor_id, team_id, 'moderator' as role,"
        " 'en' as languages, cast(hired_on as date) as hired_on, cast(left_on as date) as left_on,"
        " 'sample' as _source_system"
        f" from (values {rows}) as r(moderator_id, hired_on, site_id, vendor_id, team_id, left_on)",
        landed_on,
    )


def attrition(people: list[Person], month: dt.date, months: int) -> tuple[int, Fraction]:
    """Leavers and mean headcount of that many months that end with `month`, day by day."""
    end = month.replace(day=monthrange(month.year, month.month)[1])
    first = month.year * 12 + month.month - months
    start = max(FIRST, dt.date(first // 12, first % 12 + 1, 1))
    days = [start + dt.timedelta(days=i) for i in range((end - start).days + 1)]
    there = sum(p.hired_on <= day <= (p.left_on or end) for p in people for day in days)
    return sum(p.left_on in days for p in people if p.left_on), Fraction(there, len(days))


def months() -> Iterator[dt.date]:
    for number in range(25):
        yield dt.date(2024 + number // 12, number % 12 + 1, 1)


QUESTIONS = {"How content are you?": (5, 60, 40, 10), "Did we help?": (10, 35, 35, 7)}
INSTRUMENTS = {
    "rating": (45, 40, 30), **{f"survey: {question}": counts[1:] for question, counts in QUESTIONS.items()}
}  # fmt: skip


def land_satisfaction(project: Project) -> None:
    """In November 2025: ratings, five of them only offered, and two surveys of different scales."""
    asked, answered, satisfied = INSTRUMENTS["rating"]
    project.write(
        "support.satisfaction_rating",
        "select 'r' || i as id, 't' || i as ticket_id,"
        f" case when i < {satisfied} then 1.0 when i < {answered} then 0.0 end as score,"
        " timestamp '2025-11-03 10:00' as created_at, timestamp '2025-11-03 11:00' as updated_at,"
        f" 'sample' as _source_system from range({asked}) as r(i)",
        "2026-01-31",
    )
    # Four fifths of a scale is satisfied, a little less is not.
    surveys = " union all ".join(
        f"select 's{scale}' || i as response_id, 't' || i as ticket_id, timestamp '2025-11-04 10:00' as asked_at,"
        f" case when i < {answered} then timestamp '2025-11-05 10:00' end as answered_at, '{question}' as question,"
        f" case when i < {satisfied} then 0.8 * {scale} when i < {answered} then 0.8 * {scale} - 1 end as score,"
        f" cast({scale} as double) as scale_max, 'sample' as _source_system from range({asked}) as r(i)"
        for question, (scale, asked, answered, satisfied) in QUESTIONS.items()
    )
    project.write("support.survey_responses", surveys, "2026-01-31")


@pytest.fixture(scope="module")
def project(new_project: Callable[..., Project]) -> Project:
    made = new_project("meanings")
    days = " union all ".join(
        f"select 'd{i}' as decision_id, 'full' as automation_level, timestamp '{day} 12:00' as decided_at,"
        " 'no_violation' as outcome, 'sample' as _source_system"
        for i, day in enumerate((FIRST, LAST))
    )
    made.write("moderation.decisions", days, str(LAST))
    land_roster(made, staff(), str(LAST))
    land_satisfaction(made)
    made.build_up_to("rpt_metric_values", "mart_support_experience", "mart_satisfaction", "int_settings")
    return made


def assert_attrition(project: Project, people: list[Person]) -> None:
    rows = {
        (str(metric), month, str(kind), str(member)): (value, reason)
        for metric, month, kind, member, value, reason in project.query(
            "select metric_id, period_start, slice_type, slice, metric_value, not_reportable_reason"
            " from dev_reports.rpt_metric_values where metric_id like '%attrition_rate' and scope = 'all'"
        )
    }
    members = {
        ("all", "all"): people,
        **{("vendor", vendor): [p for p in people if p.vendor == vendor] for vendor in SITES},
        **{("site", site): [p for p in people if p.vendor == vendor] for vendor, site in SITES.items()},
        **{("team", team): [p for p in people if p.team == team] for team in ("lisbon-1", "lisbon-2", "bogota-1")},
    }
    published = 0
    for month in months():
        for (kind, member), of_member in members.items():
            for metric, length in (("attrition_rate", 12), ("monthly_attrition_rate", 1)):
                left, headcount = attrition(of_member, month, length)
                value, reason = rows.get((metric, month, kind, member), (None, None))
                if length == 12 and month < dt.date(2024, 12, 1):
                    assert headcount == 0 or reason == "fewer than twelve months of the roster are known"
                elif headcount >= 30:
                    assert value == pytest.approx(float(left / headcount), rel=1e-9), (metric, month, kind, member)
                    published += left > 0
                else:
                    assert value is None, (metric, month, kind, member)
                    assert headcount == 0 or (str(reason).startswith("fewer than ") and "people" in str(reason))
    assert published > 20
    # By month only: neither weeks nor quarters are sums of these.
    assert {grain for (grain,) in project.query(
        "select distinct grain from dev_marts.mart_metric_series where metric_id like '%attrition_rate'"
    )} == {"month"}  # fmt: skip


@pytest.mark.long
def test_attrition_is_of_twelve_months_and_knows_who_is_told_of_late(project: Project) -> None:
    people = staff()
    assert_attrition(project, people)
    # In December 2024 four of the 40 and 6 have left, out of 50 or so.
    ((value,),) = project.query(
        "select metric_value from dev_reports.rpt_metric_values where metric_id = 'attrition_rate'"
        " and period_start = date '2024-12-01' and slice = 'in_house' and scope = 'all'"
    )
    assert 4 / 46 < float(str(value)) < 4 / 42
    # Months later the tool tells that three had left, a year ago.
    left = dt.date(2025, 1, 20)
    told = [
        Person(p.name, p.vendor, p.team, p.hired_on, left) for p in people if p.name in ("stays0", "stays1", "stays2")
    ]
    land_roster(project, told, "2026-02-01")
    project.build_up_to("rpt_metric_values")
    later = {person.name: person for person in told}
    assert_attrition(project, [later.get(person.name, person) for person in people])


NOVEMBER = "grain = 'month' and period_start = date '2025-11-01' and scope = 'all'"


def test_satisfaction_is_of_one_instrument_and_never_pooled(project: Project) -> None:
    asked, answered, satisfied = INSTRUMENTS["rating"]
    rows = {
        (str(metric), str(kind), str(member)): (value, reason)
        for metric, kind, member, value, reason in project.query(
            "select metric_id, slice_type, slice, metric_value, not_reportable_reason"
            f" from dev_reports.rpt_metric_values where metric_id like 'csat%' and {NOVEMBER}"
            " and slice_type in ('all', 'instrument')"
        )
    }
    assert rows == {
        ("csat", "all", "all"): (pytest.approx(satisfied / answered), None),
        ("csat_response_rate", "all", "all"): (pytest.approx(answered / asked), None),
        ("csat_by_instrument", "all", "all"): (None, "read by instrument only"),
        ("csat_response_rate_by_instrument", "all", "all"): (None, "read by instrument only"),
        **{
            ("csat_by_instrument", "instrument", name): (pytest.approx(happy / said), None)
            for name, (_, said, happy) in INSTRUMENTS.items()
        },
        **{
            ("csat_response_rate_by_instrument", "instrument", name): (pytest.approx(said / sent), None)
            for name, (sent, said, _) in INSTRUMENTS.items()
        },
    }
    assert project.query(
        "select sum(satisfaction_asked), sum(satisfaction_answered), sum(satisfied_answers), max(csat)"
        " from dev_marts.mart_support_experience"
    ) == [(asked, answered, satisfied, satisfied / answered)]
    assert project.query(
        "select instrument, is_headline, sum(satisfaction_asked), sum(satisfaction_answered), sum(satisfied_answers)"
        " from dev_marts.mart_satisfaction group by all order by all"
    ) == [(name, name == "rating", *INSTRUMENTS[name]) for name in sorted(INSTRUMENTS)]


@pytest.mark.long
def test_another_instrument_is_the_headline_once_all_is_rebuilt(project: Project) -> None:
    """Half a series of the one and half of the other would be none."""
    name = "survey: Did we help?"
    variables = ("--vars", f"{{csat_instrument: '{name}'}}")
    select = ("--select", "+rpt_metric_values", "mart_support_experience", "int_settings")
    select = (*select, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
    refused = project.dbt("build", *select, *variables)
    assert not refused.success
    assert "csat_instrument is not the one that this warehouse was built with" in " ".join(refused.messages)
    assert project.dbt("build", "--full-refresh", *select, *variables).success
    _, answered, satisfied = INSTRUMENTS[name]
    assert project.query(
        f"select metric_value from dev_reports.rpt_metric_values where metric_id = 'csat' and {NOVEMBER}"
        " and slice_type = 'all'"
    ) == [(satisfied / answered,)]
    assert project.query("select sum(satisfaction_answered) from dev_marts.mart_support_experience") == [(answered,)]
    # An instrument that asked nobody is told, with those that there are.
    named = project.dbt(
        "test", "--select", "support_is_measured_by_what_is_there", "--vars", "{csat_instrument: rates}"
    )
    assert named.statuses["support_is_measured_by_what_is_there"] == "warn"
