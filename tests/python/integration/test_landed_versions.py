"""Reference data that a tool lands without validity: each event meets what was in force when it happened.

Every expectation is worked out by hand from the hours, roles and names below; all clocks read UTC.
"""

import datetime as dt
import re
from ast import literal_eval
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SALT, Project

from plumbline.landing.contract import load_contracts
from plumbline.landing.land import land
from plumbline.landing.mapping import load_mapping

pytestmark = pytest.mark.slow

SUPPORT = ("--vars", "{support_schedule_id: S1}")
MARTS = ("fct_tickets", "fct_tasks", "mart_support_experience", "int_schedule_openings")


def rows(columns: str, *values: str) -> str:
    """A query of these rows, of a tool's making."""
    listed = ", ".join(f"({value})" for value in values)
    return f"select *, 'sample' as _source_system from (values {listed}) as t({columns})"


def opening(weekday: int, opens: int, closes: int, synced: str | None, deleted: str = "false") -> str:
    start = weekday * 1440 + opens * 60
    at = f"timestamp '{synced}'" if synced else "cast(null as timestamp)"
    return f"'S1', 'UTC', {start}, {weekday * 1440 + closes * 60}, {deleted}, {at}"


OPENING = "id, time_zone, start_time, end_time, is_deleted, synced_at"
HOLIDAY = "id, schedule_id, name, start_date, end_date, is_deleted, synced_at"
WEEK = range(1, 6)


def nine_to_five(synced: str | None) -> list[str]:
    return [opening(day, 9, 17, synced) for day in WEEK]


def eight_to_eight(synced: str | None) -> list[str]:
    """What a tool exports once the hours have changed: the old ones deleted, new ones beside them."""
    return [opening(day, 9, 17, synced, "true") for day in WEEK] + [opening(day, 8, 20, synced) for day in WEEK]


def holiday(name: str, day: str, synced: str, deleted: str = "false") -> str:
    return f"'{name}', 'S1', '{name}', date '{day}', date '{day}', {deleted}, timestamp '{synced}'"


# Opened, solved.
TICKETS = {
    "601": ("2026-01-05 16:00:00", "2026-01-06 10:00:00"),
    "602": ("2026-03-09 16:00:00", "2026-03-10 10:00:00"),
    "603": ("2026-02-27 16:00:00", "2026-03-02 09:00:00"),
    "604": ("2026-02-05 16:00:00", "2026-02-09 10:00:00"),
    "605": ("2026-03-11 19:00:00", "2026-03-13 09:00:00"),
    "606": ("2026-03-16 16:00:00", "2026-03-18 10:00:00"),
}
COMMENTS = {
    "c1": ("601", "left", "2026-01-05 16:30:00"),
    "c2": ("601", "joined", "2026-01-05 17:00:00"),
    "c3": ("602", "left", "2026-03-09 16:30:00"),
    "c4": ("602", "joined", "2026-03-09 17:00:00"),
}
# An hour of the counter's is due: on the next morning, on the same evening, and across the change of hours.
TASKS = {"january": "2026-01-05 16:30:00", "march": "2026-03-09 16:30:00", "across": "2026-02-27 16:30:00"}


def write_events(project: Project, landed_on: str = "2026-01-31") -> None:
    project.write(
        "support.ticket",
        rows(
            "id, created_at, status, group_id",
            *(f"'{name}', timestamp '{at}', 'solved', 'g'" for name, (at, _) in TICKETS.items()),
        ),
        landed_on,
    )
    events = [
        f"'{name}', 'status', timestamp '{at}', '{status}'"
        for name, times in TICKETS.items()
        for at, status in zip(times, ("new", "solved"), strict=True)
    ]
    project.write("support.ticket_field_history", rows("ticket_id, field_name, updated, value", *events), landed_on)
    comments = [
        f"'{name}', '{ticket}', '{user}', timestamp '{at}', true" for name, (ticket, user, at) in COMMENTS.items()
    ]
    project.write("support.ticket_comment", rows("id, ticket_id, user_id, created_at, is_public", *comments), landed_on)
    tasks = [f"'{name}', 'counter', 'user_report', false, timestamp '{at}'" for name, at in TASKS.items()]
    project.write("moderation.tasks", rows("task_id, queue_id, origin, is_gold, enqueued_at", *tasks), landed_on)


def user(name: str, role: str, updated: str) -> str:
    return f"'{name}', '{role}', timestamp '{updated}'"


def group(name: str, updated: str, deleted: str | None = None) -> str:
    at = f"timestamp '{deleted}'" if deleted else "cast(null as timestamp)"
    return f"'g', '{name}', timestamp '{updated}', {deleted is not None}, {at}"


USER, GROUP = "id, role, updated_at", "id, name, updated_at, is_deleted, synced_at"
REFERENCES: dict[str, dict[str, str]] = {
    "2026-01-31": {
        "support.schedule": rows(OPENING, *nine_to_five("2026-01-01")),
        "support.schedule_holiday": rows(HOLIDAY, holiday("known", "2026-02-06", "2026-01-01")),
        "support.user": rows(USER, user("left", "agent", "2025-12-01"), user("joined", "end-user", "2025-12-01")),
        "support.group": rows(GROUP, group("Desk", "2025-12-01")),
    },
    "2026-03-05": {
        "support.schedule": rows(OPENING, *eight_to_eight("2026-03-01")),
        "support.schedule_holiday": rows(
            HOLIDAY,
            holiday("known", "2026-02-06", "2026-03-01", "true"),  # after its day
            holiday("told of late", "2026-01-06", "2026-03-01"),
            holiday("told of in time", "2026-03-17", "2026-03-01"),
            holiday("taken back in time", "2026-03-12", "2026-03-01"),
        ),
        "support.user": rows(USER, user("left", "end-user", "2026-02-10"), user("joined", "agent", "2026-03-01")),
        "support.group": rows(GROUP, group("Front desk", "2026-02-15")),
    },
    "2026-03-20": {
        "support.schedule_holiday": rows(HOLIDAY, holiday("taken back in time", "2026-03-12", "2026-03-11", "true")),
        # Who deletes a group does not update it.
        "support.group": rows(GROUP, group("Front desk", "2026-02-15", "2026-03-10")),
    },
}
# 601: an hour of Monday, one of Tuesday, since nobody knew of that holiday. 602: four hours and two. 603: an hour of
# Friday until five, one of Monday from eight. 604: an hour of Thursday, one of Monday. 605: an hour of Wednesday, all
# of Thursday, an hour of Friday. 606: four hours of Monday, two of Wednesday.
RESOLVED = {"601": 7200, "602": 21600, "603": 7200, "604": 7200, "605": 14 * 3600, "606": 21600}
BEFORE_MARCH = {
    # All in nine to five, the one holiday known; 605 has Thursday, 606 an hour, all of Tuesday, and an hour.
    **{"601": 7200, "602": 7200, "603": 3600, "604": 7200, "605": 8 * 3600, "606": 10 * 3600}
}
DUE = {"january": "2026-01-06 09:30:00", "march": "2026-03-09 17:30:00", "across": "2026-03-02 08:30:00"}
DUE_BEFORE_MARCH = {"january": "2026-01-06 09:30:00", "march": "2026-03-10 09:30:00", "across": "2026-03-02 09:30:00"}


def with_counter(project: Project) -> Project:
    """A queue whose hours the tool exports."""
    project.use_seeds(ROOT / "seeds")
    with (project.root / "seeds" / "reference" / "queues.csv").open("a") as stream:
        stream.write("counter,Counter,2020-01-01,,3600,S1,false\n")
    return project


def build(project: Project, *models: str) -> None:
    project.build("--exclude-resource-type", "test", *SUPPORT, "--select", *(f"+{name}" for name in models or MARTS))


def resolved(project: Project) -> dict[str, Any]:
    found = project.query("select ticket_id, full_resolution_business_seconds from dev_marts.fct_tickets order by 1")
    return {str(name): None if seconds is None else int(seconds) for name, seconds in found}  # type: ignore[call-overload]


def due(project: Project) -> dict[Any, str]:
    return {name: str(at) for name, at in project.query("select task_id, due_at from dev_marts.fct_tasks order by 1")}


def affected(project: Project, table: str, *causes: str) -> list[str]:
    """Days that the last run affected."""
    found = project.query(
        f"select distinct event_on from dev_arrival.{table} where cause in {(*causes, '')}"
        " and _batch = (select max(_batch) from dev_staging.log_support__schedule_holiday) order by 1"
    )
    return [str(day) for (day,) in found]


def figures(project: Project) -> list[list[tuple[object, ...]]]:
    """What the marts say, without what tells runs apart."""
    return [
        project.query(f"select * {exclude} from {name} order by all")
        for name, exclude in (
            ("dev_marts.fct_tickets", ""),
            ("dev_marts.fct_tasks", ""),
            ("dev_marts.mart_support_experience", "exclude (build_id, _batch)"),
            ("dev_intermediate.int_schedule_openings", ""),
            ("dev_intermediate.int_schedule_holidays", ""),
        )
    ]


def write_references(project: Project, days: Iterable[str]) -> None:
    for day in days:
        for table, query in REFERENCES[day].items():
            project.write(table, query, day)


@pytest.fixture(scope="module")
def full(new_project: Callable[..., Project]) -> Project:
    project = with_counter(new_project("versions_full"))
    write_events(project)
    write_references(project, REFERENCES)
    build(project)
    return project


@pytest.fixture(scope="module")
def in_order(new_project: Callable[..., Project]) -> tuple[Project, dict[str, Any]]:
    """A build after each landing; what was said on the way."""
    project, said = with_counter(new_project("versions_in_order")), {}
    write_events(project)
    for day in REFERENCES:
        write_references(project, [day])
        build(project)
        said[day] = (
            resolved(project),
            due(project),
            affected(project, "affected_ticket_days", "schedules"),
            affected(project, "affected_task_days", "schedules"),
        )
    return project, said


def test_business_time_is_by_the_hours_in_force_at_each_instant(full: Project) -> None:
    assert resolved(full) == RESOLVED
    assert due(full) == DUE


@pytest.mark.long
def test_past_figures_stay_and_only_days_under_other_hours_are_built_anew(
    in_order: tuple[Project, dict[str, Any]],
) -> None:
    _, said = in_order
    assert said["2026-01-31"] == (BEFORE_MARCH, DUE_BEFORE_MARCH, [], [])
    # Not yet known: the 12th is taken back. 605 has an hour of Wednesday and one of Friday.
    march = {**RESOLVED, "605": 7200}
    later = ["2026-02-27", "2026-03-09", "2026-03-11", "2026-03-16"]
    assert said["2026-03-05"] == (march, DUE, later, ["2026-02-27", "2026-03-09"])
    # Around the 12th of March, in any time zone.
    assert said["2026-03-20"] == (RESOLVED, DUE, ["2026-03-11"], [])


def test_whoever_was_an_agent_when_they_wrote_wrote_a_reply(full: Project) -> None:
    replied = full.query(
        "select ticket_id, agent_replies, first_reply_seconds::int, first_reply_business_seconds::int"
        " from dev_marts.fct_tickets where ticket_id in ('601', '602') order by 1"
    )
    assert replied == [("601", 1, 1800, 1800), ("602", 1, 3600, 3600)]


def test_a_group_has_the_name_it_had_as_a_ticket_was_opened(full: Project) -> None:
    names = dict(full.query("select ticket_id, group_name from dev_marts.fct_tickets order by 1"))
    assert names == {
        "601": "Desk", "602": "Front desk", "603": "Front desk", "604": "Desk",
        # Deleted by then.
        "605": "(unmapped)", "606": "(unmapped)",
    }  # fmt: skip


@pytest.mark.parametrize(
    "order", [("2026-03-20", "2026-03-05", "2026-01-31"), ("2026-03-05", "2026-01-31", "2026-03-20")]
)
def test_any_order_of_arrival_gives_the_full_build(
    order: tuple[str, ...], full: Project, new_project: Callable[..., Project]
) -> None:
    project = with_counter(new_project("versions_shuffled"))
    write_events(project)
    for day in order:
        write_references(project, [day])
        build(project)
    assert figures(project) == figures(full)


def test_an_export_of_what_is_known_opens_no_version_and_touches_nothing(
    in_order: tuple[Project, dict[str, Any]], full: Project
) -> None:
    project, _ = in_order
    assert figures(project) == figures(full)
    # As the tool has it by now, read again: with another time of reading, and without any.
    for day, synced in (("2026-03-25", "2026-03-25"), ("2026-03-26", None)):
        project.write("support.schedule", rows(OPENING, *(opening(weekday, 8, 20, synced) for weekday in WEEK)), day)
        project.write(
            "support.schedule_holiday",
            rows(HOLIDAY, holiday("told of in time", "2026-03-17", synced or "2026-03-26")),
            day,
        )
        project.write("support.user", rows(USER, user("joined", "agent", "2026-03-24")), day)
        project.write("support.group", rows(GROUP, group("Front desk", "2026-02-15", "2026-03-10")), day)
    build(project)
    for table in ("affected_ticket_days", "affected_task_days"):
        assert affected(project, table, "schedules", "tickets", "tasks", "ticket_field_history", "references") == []
    assert figures(project) == figures(full)
    duplicates = project.query("select count(*) from dev_staging.log_support__schedule where status = 'duplicate'")
    assert duplicates == [(10,)]


@pytest.mark.long
def test_without_a_date_a_change_holds_from_the_day_of_landing(new_project: Callable[..., Project]) -> None:
    project = with_counter(new_project("versions_undated"))
    write_events(project)
    project.write("support.schedule", rows(OPENING, *nine_to_five(None)), "2026-01-31")
    project.write("support.user", "select 'left' as id, 'agent' as role, 'sample' as _source_system", "2026-01-31")
    project.write("support.schedule", rows(OPENING, *eight_to_eight(None)), "2026-03-10")
    project.write("support.user", "select 'left' as id, 'end-user' as role, 'sample' as _source_system", "2026-03-10")
    build(project)
    # 602 has an hour of Monday, and two of Tuesday. 604 now has a Friday. 605: 1 + 12 + 1, 606: 4 + 12 + 2.
    assert resolved(project) == {
        "601": 7200, "602": 3 * 3600, "603": 3600, "604": 10 * 3600, "605": 14 * 3600, "606": 18 * 3600,
    }  # fmt: skip
    replies = "select ticket_id, agent_replies from dev_marts.fct_tickets where ticket_id in ('601', '602') order by 1"
    assert project.query(replies) == [("601", 1), ("602", 1)]


@pytest.mark.long
def test_hours_that_change_in_the_middle_of_a_day_do_so_there(new_project: Callable[..., Project]) -> None:
    project = with_counter(new_project("versions_at_noon"))
    write_events(project)
    project.write("support.schedule", rows(OPENING, *nine_to_five("2026-01-01")), "2026-01-31")
    project.write("support.schedule", rows(OPENING, *eight_to_eight("2026-03-09 18:00:00")), "2026-03-31")
    build(project)
    # Monday from four to five, and from six, when it opened again, to eight; two hours of Tuesday.
    assert resolved(project)["602"] == 5 * 3600
    assert due(project)["march"] == "2026-03-09 18:30:00"


@pytest.mark.long
def test_a_correction_of_a_version_replaces_it_from_its_beginning(new_project: Callable[..., Project]) -> None:
    project = with_counter(new_project("versions_corrected"))
    write_events(project)
    project.write("support.schedule", rows(OPENING, *nine_to_five("2026-01-01")), "2026-01-31")
    project.write("support.user", rows(USER, user("left", "agent", "2025-12-01")), "2026-01-31")
    build(project)
    corrected = [opening(day, 9, 16, "2026-01-01") for day in WEEK]
    project.write("support.schedule", rows(OPENING, *corrected), "2026-02-20")
    project.write("support.user", rows(USER, user("left", "end-user", "2025-12-01")), "2026-02-20")
    build(project)
    # It never closed at five.
    assert resolved(project)["601"] == 3600
    assert project.query("select sum(agent_replies) from dev_marts.fct_tickets") == [(0,)]


@pytest.mark.long
def test_a_deleted_schedule_keeps_its_past_and_has_no_time_afterwards(new_project: Callable[..., Project]) -> None:
    project = with_counter(new_project("versions_deleted"))
    write_events(project)
    project.write("support.schedule", rows(OPENING, *nine_to_five("2026-01-01")), "2026-01-31")
    build(project)
    gone = [opening(day, 9, 17, "2026-03-01", "true") for day in WEEK]
    project.write("support.schedule", rows(OPENING, *gone), "2026-03-05")
    build(project)
    # Not none: nobody knows how long it was open.
    assert resolved(project) == {
        "601": 7200, "602": None, "603": None, "604": 10 * 3600, "605": None, "606": None,
    }  # fmt: skip
    reasons = dict(project.query("select ticket_id, no_business_time_reason from dev_marts.fct_tickets"))
    gone_by_then = "the support schedule is not in force"
    assert reasons == {name: gone_by_then if name in ("602", "603", "605", "606") else None for name in TICKETS}
    months = project.query(
        "select month(reporting_on), no_business_time_reason, full_resolution_business_time_p50_seconds is null"
        " from dev_marts.mart_support_experience where tickets_resolved > 0 order by reporting_on"
    )
    assert months == [(1, None, False), (2, None, False), *[(3, gone_by_then, True)] * 4]
    # The queue names it still: what comes in is due by nothing, and the build says so.
    named = {"schedules_serve_who_names_them": "fail", "support_is_measured_by_what_is_there": "warn"}
    statuses = project.dbt("test", *SUPPORT, "--select", *named).statuses
    assert {name: statuses[name] for name in named} == named

    # Made again after a while, under the same id: there is time again, and none in between.
    project.write("support.schedule", rows(OPENING, *(opening(day, 8, 20, "2026-03-10") for day in WEEK)), "2026-03-31")
    build(project)
    assert resolved(project) == {
        # 602 was opened, and 603 solved, while there was none.
        "601": 7200, "602": None, "603": None, "604": 10 * 3600, "605": 14 * 3600, "606": 18 * 3600,
    }  # fmt: skip
    anew = with_counter(new_project("versions_deleted_full"))
    anew.landing.symlink_to(project.landing)
    build(anew)
    assert figures(anew) == figures(project)


def test_without_a_schedule_there_is_no_business_time_and_the_reason_says_so(
    new_project: Callable[..., Project],
) -> None:
    project = new_project("versions_no_schedule")
    write_events(project)
    write_references(project, REFERENCES)
    project.build_up_to("fct_tickets", "mart_support_experience")
    unset = "no support schedule is set"
    tickets = project.query(
        "select count(full_resolution_seconds), count(full_resolution_business_seconds),"
        " count(first_reply_seconds), count(first_reply_business_seconds), list(distinct no_business_time_reason)"
        " from dev_marts.fct_tickets"
    )
    assert tickets == [(6, 0, 2, 0, [unset])]
    mart = project.query(
        "select count(full_resolution_time_p50_seconds) > 0, count(full_resolution_business_time_p50_seconds),"
        " count(first_reply_business_time_p50_seconds), count(*) filter (where no_business_time_reason is null"
        " and (tickets_resolved > 0 or tickets_replied > 0)), list(distinct no_business_time_reason)"
        " filter (where no_business_time_reason is not null) from dev_marts.mart_support_experience"
    )
    assert mart == [(True, 0, 0, 0, [unset])]
    histogram = "select count(*) from dev_intermediate.int_ticket_duration_histogram where duration like '%business'"
    assert project.query(histogram) == [(0,)]


HEAD = "end_time,id,start_time,_fivetran_deleted,{}end_time_utc,name,start_time_utc,time_zone,created_at"


def export(folder: Path, name: str, openings: list[tuple[int, int, bool]], synced: str | None) -> Path:
    """A schedule as Fivetran's connector exports it, with or without the time of its sync."""
    head = HEAD.format("_fivetran_synced," if synced else "")
    lines = [
        f"{1440 * day + closes * 60},S1,{1440 * day + opens * 60},{str(deleted).upper()},"
        + (f"{synced}," if synced else "")
        + ",Office,,UTC,2025-06-01 00:00:00"
        for opens, closes, deleted in openings
        for day in WEEK
    ]
    path = folder / name
    path.write_text("\n".join([head, *lines]) + "\n")
    return path


def export_events(folder: Path) -> list[Path]:
    ticket, history = folder / "ticket.csv", folder / "history.csv"
    ticket.write_text(
        "id,created_at,updated_at,status,priority,type,via_channel,group_id,assignee_id,requester_id,subject,due_at\n"
        + "".join(f"{name},{opened},{solved},solved,,,web,g,,,,\n" for name, (opened, solved) in TICKETS.items())
    )
    history.write_text(
        "ticket_id,field_name,updated,user_id,value\n"
        + "".join(
            f"{name},status,{opened},a,new\n{name},status,{solved},a,solved\n"
            for name, (opened, solved) in TICKETS.items()
        )
    )
    return [ticket, history]


@pytest.mark.parametrize(
    "order", [("first", "second"), ("second", "first"), ("both",)], ids=["in order", "earlier one late", "at once"]
)
@pytest.mark.long
def test_hours_of_a_tool_are_dated_by_its_sync_whenever_they_land(
    order: tuple[str, ...], new_project: Callable[..., Project], tmp_path: Path
) -> None:
    project = new_project("versions_of_a_tool", salt=SALT)
    events = export_events(tmp_path)
    first = export(tmp_path, "first.csv", [(9, 17, False)], "2026-01-01 00:00:00")
    second = export(tmp_path, "second.csv", [(9, 17, True), (8, 20, False)], "2026-03-01 00:00:00")
    files = {"first": [*events, first], "second": [*events, second], "both": [*events, first, second]}
    for day, name in zip((dt.date(2026, 2, 28), dt.date(2026, 3, 31)), order, strict=False):
        at = dt.datetime.combine(day, dt.time())
        land(load_mapping("zendesk", {}), files[name], project.landing, landed_on=day, landed_at=at)
        build(project, "fct_tickets")
        assert resolved(project)["601"] == 7200
        # With the second alone, what it says was deleted was there before.
        assert resolved(project)["602"] == (7200 if name == "first" and len(order) == 2 and day.month == 2 else 21600)
        assert resolved(project)["603"] == (3600 if name == "first" and len(order) == 2 and day.month == 2 else 7200)


def test_an_export_without_times_of_sync_is_dated_by_its_landing(tmp_path: Path) -> None:
    path = export(tmp_path, "bare.csv", [(9, 17, False)], None)
    (outcome,) = land(
        load_mapping("zendesk", {}), [path], tmp_path / "landing",
        landed_on=dt.date(2026, 2, 28), landed_at=dt.datetime(2026, 2, 28, 12),
    )  # fmt: skip
    assert (outcome.landed, outcome.rejected) == (5, 0)


def test_the_tables_with_versions_are_those_of_the_contract() -> None:
    text = (ROOT / "macros" / "incremental" / "versions.sql").read_text()
    literal = re.search(r"macro versioned_tables\(\) %}\s*{{ return\((.*?)\) }}", text, re.DOTALL)
    assert literal
    listed = literal_eval(literal[1].replace("true", "True").replace("false", "False"))
    contracts = {contract.table: contract for contract in load_contracts() if contract.changed_at}
    assert set(listed) == set(contracts)
    for name, table in listed.items():
        contract = contracts[name]
        assert contract.source == "support"
        assert tuple(table["key"]) == contract.key
        assert tuple(table["changed_at"]) == contract.changed_at
        assert table["has_deletions"] == ("is_deleted" in contract.column_names)
        assert set(table["says"]) <= set(contract.column_names)


def test_no_model_reads_reference_data_as_it_is_now(manifest: dict[str, Any]) -> None:
    """What only the latest version of a reference is in is for accounting; events ask for the version in force."""
    tables = "|".join(contract.table for contract in load_contracts() if contract.changed_at)
    # A landed node keeps every version beside its view: landed_base reads those.
    latest = re.compile(rf"ref\('stg_support__({tables})'\)|staged(_among)?\(\s*'support', '({tables})'")
    readers = {node["name"] for node in manifest["nodes"].values() if latest.search(node.get("raw_code") or "")}
    assert readers == set()
    assert not [file for file in (ROOT / "macros").rglob("*.sql") if latest.search(file.read_text())]
