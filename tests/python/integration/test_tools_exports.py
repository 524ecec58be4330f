"""Mappings of tools that export many tables: files are known by their columns; unseen codes are proposed."""

import csv
import datetime as dt
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from conftest import REAL_DATA, ROOT, SALT, Project, real_file

from plumbline.cli import main
from plumbline.landing.contract import load_contracts
from plumbline.landing.land import land
from plumbline.landing.mapping import MappingError, load_mapping

DAY = dt.date(2026, 1, 5)
NOW = dt.datetime(2026, 1, 5, 12, 0, 0)

JOBS = """id,org_id,queue_id,item_id,item_type_id,created_at,enqueue_source_info,policy_ids
j1,o,q,c1,post,2026-01-01 10:00:00.123+00,"{""kind"": ""REPORT""}","{hate,spam}"
j2,o,q,c2,post,2026-01-01 12:00:00.5+02,"{""kind"": ""RULE_EXECUTION"", ""rules"": [""r""]}",{}
"""
DECISIONS = """org_id,item_id,action_id,policy_id,type,item_type_id,queue_id,reviewer_id,ds,job_id,decided_at
o,c1,delete,hate,CUSTOM_ACTION,post,q,anna,2026-01-01,j1,2026-01-01 11:00:00+00
o,c1,warn,hate,CUSTOM_ACTION,post,q,anna,2026-01-01,j1,2026-01-01 11:00:00+00
o,c8,delete,hate,RELATED_ACTION,post,q,anna,2026-01-01,j1,2026-01-01 11:00:00+00
o,c9,warn,hate,RELATED_ACTION,post,q,anna,2026-01-01,j1,2026-01-01 11:00:00+00
o,c2,,,IGNORE,post,q,ben,2026-01-01,j2,2026-01-01 13:00:00+00
o,c3,,,AUTOMATIC_CLOSE,post,q,,2026-01-01,j3,2026-01-01 13:00:00+00
o,c4,,,TRANSFORM_JOB_AND_RECREATE_IN_QUEUE,post,q,ben,2026-01-01,j4,2026-01-01 13:00:00+00
"""

SKIPS = """org_id,user_id,job_id,queue_id,ts
o,ben,j1,q,2026-01-01 10:30:00+00
"""
# A warning is less than a removal, though its name comes later.
OUTCOMES = "case action_id when 'delete' then 'remove' when 'warn' then 'label' end"

SCHEDULE = """id,name,time_zone,start_time,end_time,start_time_utc,end_time_utc,created_at,_fivetran_deleted
7,Fridays,Pacific Time (US & Canada),7680,8400,,,2020-01-01 00:00:00,
7,Mondays,Pacific Time (US & Canada),1980,2460,,,2020-01-01 00:00:00,FALSE
7,Mondays,Pacific Time (US & Canada),1980,2460,,,2020-01-01 00:00:00,TRUE
"""
# What was deleted is a later version of what it was, and no more.
HOLIDAY = """id,schedule_id,name,start_date,end_date,_fivetran_deleted
1,7,Friday,2026-03-13,2026-03-13,false
1,7,Friday,2026-03-13,2026-03-13,true
"""
TICKET = """id,created_at,updated_at,status,priority,type,via_channel,group_id,assignee_id,requester_id,subject,due_at
t1,2026-03-07 03:00:00,2026-03-13 16:00:00,solved,high,question,web,g,a,r,s,
"""
# Moved to another group, put on hold, and solved.
HISTORY = """ticket_id,field_name,updated,user_id,value
t1,status,2026-03-07 03:00:00,r,new
t1,group_id,2026-03-09 10:00:00,a,g
t1,status,2026-03-10 10:00:00,a,on-hold
t1,status,2026-03-12 10:00:00,a,open
t1,status,2026-03-13 16:00:00,a,solved
"""
# Asked on the 7th and answered on the 9th; asked and not answered; never asked.
RATING = """id,ticket_id,score,comment,created_at,updated_at
r1,t1,offered,,2026-03-07 04:00:00,2026-03-07 04:00:00
r1,t1,good,,2026-03-07 04:00:00,2026-03-09 04:00:00
r2,t1,offered,,2026-03-07 04:00:00,2026-03-07 04:00:00
r3,t1,unoffered,,2026-03-07 04:00:00,2026-03-07 04:00:00
"""


# States and priorities that a mapping knows, those of newer instances, and codes of a team's own.
INCIDENTS = """number,incident_state,reassignment_count,reopen_count,sys_mod_count,made_sla,caller_id,opened_at,\
sys_updated_by,sys_updated_at,contact_type,priority,assignment_group,assigned_to
I1,New,0,0,0,true,c,02-03-2026 09:00,u,02-03-2026 09:00,Phone,3 - Moderate,Group 1,a
I1,In Progress,0,0,1,true,c,02-03-2026 09:00,u,02-03-2026 09:30,Phone,3 - Moderate,Group 1,a
I1,On Hold,0,0,2,true,c,02-03-2026 09:00,u,02-03-2026 10:00,Phone,3 - Moderate,Group 1,a
I2,New,0,0,0,true,c,02-03-2026 09:00,u,02-03-2026 09:00,Phone,?,Group 1,a
I2,Canceled,0,0,1,true,c,02-03-2026 09:00,u,02-03-2026 11:00,Phone,?,Group 1,a
I3,Resolved,0,0,0,true,c,02-03-2026 09:00,u,02-03-2026 12:00,Phone,5 - Planning,Group 1,a
I4,-100,0,0,0,true,c,02-03-2026 09:00,u,02-03-2026 09:00,Phone,4 - Low,Group 1,a
I5,Awaiting User Info,0,0,0,true,c,02-03-2026 09:00,u,02-03-2026 09:00,Phone,1 - Critical,Group 1,a
I6,Open,0,0,0,true,c,02-03-2026 09:00,u,02-03-2026 09:00,Phone,10 - Whenever,Group 1,a
I7,,0,0,0,true,c,02-03-2026 09:00,u,02-03-2026 09:00,Phone,2 - High,Group 1,a
"""
# One figure in three forms of the report: as it was, in capitals, and with columns spelt and ordered otherwise.
HEADER, VIDEOS = (
    "Metric,Period Type,Period,Policy Type,Issue Policy,Task Type,Task,Location,Market,Result",
    "Videos removed",
)
REPORTS = {
    "first": f"{HEADER}\n"
    f"{VIDEOS},quarterly,Q1,all,all,all,all,all,all,10\n{VIDEOS},quarterly,Q1,all,all,all,all,Market,Peru,4\n",
    "second": f"{HEADER.upper()}\n"
    f"{VIDEOS},quarterly,Q1,ALL,All,ALL,All,ALL,Total,10\n{VIDEOS},quarterly,Q1,All,All,All,All,Market,Peru,4\n",
    "third": "result,market,Location,task,task_type,issue-policy,policy_type,period,period_type,metric\n"
    f"10,Overall,all,all,all,all,all,Q1,quarterly,{VIDEOS}\n4,Peru,Market,all,all,all,all,Q1,quarterly,{VIDEOS}\n",
}


@pytest.fixture(scope="module")
def exports(new_project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Exports of Coop and Zendesk and statements of reasons, landed and built; with the real files where they are."""
    project = new_project("exports", salt=SALT)
    folder = tmp_path_factory.mktemp("exports")
    (folder / "jobs.csv").write_text(JOBS)
    (folder / "decisions.csv").write_text(DECISIONS)
    (folder / "skips.csv").write_text(SKIPS)
    coop = [folder / f"{name}.csv" for name in ("jobs", "decisions", "skips")]
    land(load_mapping("coop", {"outcomes": OUTCOMES}), coop, project.landing, landed_on=DAY, landed_at=NOW)
    with (folder / "statements.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(STATEMENT))
        writer.writeheader()
        for number, change in enumerate(STATEMENT_CHANGES):
            writer.writerow({**STATEMENT, "uuid": f"u{number}", **change})
    land(load_mapping("dsa_statements", {}), [folder / "statements.csv"], project.landing, landed_on=DAY, landed_at=NOW)
    zendesk = sorted((REAL_DATA / "zendesk").glob("*.csv"))
    for name, text in (
        ("schedule", SCHEDULE),
        ("holiday", HOLIDAY),
        ("ticket", TICKET),
        ("history", HISTORY),
        ("rating", RATING),
    ):
        (folder / f"{name}.csv").write_text(text)
        zendesk.append(folder / f"{name}.csv")
    land(load_mapping("zendesk", {}), zendesk, project.landing, landed_on=DAY, landed_at=NOW)
    (folder / "incidents.csv").write_text(INCIDENTS)
    incidents = load_mapping("servicenow_incidents", {})
    land(incidents, [folder / "incidents.csv"], project.landing, landed_on=DAY, landed_at=NOW)
    for vintage, text in REPORTS.items():
        (folder / f"{vintage}.csv").write_text(text)
        cger = load_mapping("cger", {"vintage": f"'{vintage}'"})
        land(cger, [folder / f"{vintage}.csv"], project.landing, landed_on=DAY, landed_at=NOW)
    project.build("--vars", "{support_schedule_id: '7'}")
    return project


def test_a_code_that_a_mapping_does_not_know_is_unmapped_and_counted(exports: Project) -> None:
    """`I7` has no state, so that no ticket is staged of it; no priority is none, and no low one."""
    assert exports.query(
        "select ticket_id, status, priority from dev_marts.fct_tickets where ticket_id like 'I%' and is_known"
        " order by 1"
    ) == [
        ("I1", "hold", "normal"),
        ("I2", "deleted", "(none)"),
        ("I3", "solved", "(unmapped)"),
        ("I4", "(unmapped)", "low"),
        ("I5", "pending", "urgent"),
        ("I6", "(unmapped)", "(unmapped)"),
    ]
    assert exports.query(
        "select status, reason, row_count from dev_marts.mart_data_validation where source_table = 'support.ticket'"
        " and source_file = 'incidents.csv' and status in ('unmapped', 'quarantined') order by all"
    ) == [("quarantined", "missing_status", 1), ("unmapped", "priority", 2), ("unmapped", "status", 2)]
    assert (
        exports.query("select status from dev_marts.fct_ticket_events where ticket_id in ('I4', 'I6') order by 1")
        == [("(unmapped)",)] * 2
    )


def test_a_report_is_one_series_in_every_form_that_it_had(exports: Project) -> None:
    assert exports.query(
        "select vintage, is_whole, slice_type, slice, value from dev_marts.mart_public_benchmarks"
        " where source = 'cger' and metric = 'Videos removed' order by all"
    ) == [
        row
        for vintage in REPORTS
        for row in ((vintage, False, "Market", "Peru", 4.0), (vintage, True, "all", "all", 10.0))
    ]
    ledger = exports.landing / "_ledger" / "*" / "*.parquet"
    forms = dict(
        duckdb.sql(
            f"select source_file, form from read_parquet('{ledger}', union_by_name = true) where mapping = 'cger'"
        ).fetchall()
    )
    assert forms["first.csv"] == "as listed"
    assert forms["second.csv"] == (
        "METRIC for Metric; PERIOD TYPE for Period Type; PERIOD for Period; POLICY TYPE for Policy Type;"
        " ISSUE POLICY for Issue Policy; TASK TYPE for Task Type; TASK for Task; LOCATION for Location;"
        " MARKET for Market; RESULT for Result; ISSUE POLICY 'All' for 'all'; LOCATION 'ALL' for 'all';"
        " MARKET 'Total' for 'all'; POLICY TYPE 'ALL' for 'all'; POLICY TYPE 'All' for 'all'; TASK 'All' for 'all';"
        " TASK TYPE 'ALL' for 'all'; TASK TYPE 'All' for 'all'"
    )
    assert forms["third.csv"].startswith("metric for Metric; period_type for Period Type; ")
    assert forms["third.csv"].endswith("; market 'Overall' for 'all'")


def test_a_column_that_a_report_lost_or_has_twice_is_named(tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    mapping = load_mapping("cger", {"vintage": "'x'"})
    for old, new, reason in (
        ("Issue Policy", "Isue Policies", "no column Issue Policy (the nearest is 'Isue Policies')"),
        ("Market", "Where", "no column Market"),
        ("Task Type", "Task.", "columns 'Task.' and 'Task' are both task; keep one of them"),
    ):
        file.write_text(REPORTS["first"].replace(old, new, 1))
        with pytest.raises(MappingError) as error:
            land(mapping, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
        assert str(error.value).startswith(f"{file}: ")
        assert reason in str(error.value)


def test_a_name_may_have_had_other_headers_or_be_left_out(tmp_path: Path) -> None:
    """As a mapping of one's own says it; what the file said stays in the row that is rejected."""
    ours = tmp_path / "ours.yml"
    ours.write_text(
        """read: {match: loose}
names:
  item: [Item ID, Content]
  verdict: {headers: [Verdict, Label], words: {hate: [hateful, hate speech]}}
  round: {optional: true}
branches:
  - table: quality.calibration_ratings
    columns:
      session_id: "'s'"
      item_id: item
      rater_id: rater
      round: coalesce(round, '1')
      label: verdict
      is_reference: coalesce(is_reference, 'false')
"""
    )
    file = tmp_path / "ratings.csv"
    file.write_text("CONTENT,rater,label,is_reference\ni,r,Hate-Speech,no\nj,r,none,false\nk,r,HATE,perhaps\n")
    (outcome,) = land(load_mapping(str(ours), {}), [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    assert (outcome.landed, outcome.reasons) == (2, {"untypeable_is_reference": 1})
    assert outcome.form == (
        "CONTENT for Item ID; label for Verdict; label 'HATE' for 'hate'; label 'Hate-Speech' for 'hate'"
    )
    landed = tmp_path / "landing" / "quality" / "*" / "*" / "*.parquet"
    rows = duckdb.sql(f"select item_id, label, round from read_parquet('{landed}') order by 1").fetchall()
    assert rows == [("i", "hate", 1), ("j", "none", 1)]
    rejected = tmp_path / "landing" / "_rejected" / "quality" / "*" / "*" / "*.parquet"
    ((raw,),) = duckdb.sql(f"select raw from read_parquet('{rejected}')").fetchall()
    assert json.loads(raw) == {"CONTENT": "k", "rater": "r", "label": "HATE", "is_reference": "perhaps"}


def test_statements_are_read_as_the_database_quotes_them(tmp_path: Path) -> None:
    """One with a keyword in quotation marks after backslashes, one with a path that ends with one; no row is lost."""
    names = list(STATEMENT)
    facts = ['Title was "\\"No 1\\""', "A path C:\\apps\\", 'plain "quotes", and a comma']
    lines = [",".join(names)]
    for number, fact in enumerate(facts):
        row = STATEMENT | {"uuid": f"u{number}", "decision_facts": fact}
        lines.append(",".join('"' + re.sub(r'(?<!\\)"', '""', row[name]) + '"' for name in names))
    file = tmp_path / "sor.csv"
    file.write_text("\n".join(lines) + "\n")
    (outcome,) = land(load_mapping("dsa_statements", {}), [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)
    assert (outcome.rows_read, outcome.landed) == (3, 3)
    landed = tmp_path / "landing" / "transparency" / "*" / "*" / "*.parquet"
    found = duckdb.sql(f"select decision_facts from read_parquet('{landed}') order by uuid").fetchall()
    assert found == [(fact,) for fact in facts]


def test_every_row_of_every_export_is_accounted_for(exports: Project) -> None:
    rows = exports.query(
        "select source_table, sum(rejected), sum(staged) > 0, bool_and(is_balanced)"
        " from dev_intermediate.int_reconciliation group by 1"
    )
    tables = {"moderation.tasks", "moderation.decisions", "transparency.statements_of_reasons", "support.ticket"}
    assert tables <= {table for table, *_ in rows}
    assert {row[1:] for row in rows} == {(0, True, True)}


def test_the_support_clock_runs_in_open_hours_through_hold_and_another_group(exports: Project) -> None:
    """Friday 19:00 to 20:00 and, clocks having gone forward between, Friday 08:00 to 09:00 in Los Angeles."""
    assert exports.query(
        "select full_resolution_seconds, full_resolution_business_seconds from dev_marts.fct_tickets"
        " where ticket_id = 't1'"
    ) == [(6 * 86400 + 13 * 3600, 2 * 3600)]


def test_who_was_offered_a_rating_and_gave_none_was_asked_and_did_not_answer(exports: Project) -> None:
    assert exports.query(
        "select reporting_on, satisfaction_asked, satisfaction_answered, satisfied_answers, csat, csat_response_rate"
        " from dev_marts.mart_support_experience where group_id = 'g' and satisfaction_asked > 0"
    ) == [(dt.date(2026, 3, 7), 2, 1, 1, 1.0, 0.5)]


def test_real_history_before_its_ticket_is_flagged(exports: Project) -> None:
    real_file("zendesk", "ticket_data.csv")
    assert exports.query("select has_events_before_creation from dev_marts.fct_tickets where ticket_id = '11071'") == [
        (True,)
    ]


def test_coop_jobs_become_tasks_and_what_was_decided_decisions(exports: Project) -> None:
    tasks = exports.query("select task_id, origin, content_id, enqueued_at from dev_marts.fct_tasks order by 1")
    assert tasks == [
        ("j1", "user_report", "c1", dt.datetime(2026, 1, 1, 10, 0, 0, 123000)),
        ("j2", "proactive_model", "c2", dt.datetime(2026, 1, 1, 10, 0, 0, 500000)),
    ]
    decisions = exports.query(
        "select decision_id, outcome, automation_level, length(moderator_key) = 64"
        " from dev_marts.fct_decisions inner join dev_marts.fct_decision_people using (decision_id) order by 1"
    )
    # Two actions of one decision are one decision; what was done to other items is none of the job's.
    assert exports.query(
        "select touches, round(turnaround_seconds)::int from dev_marts.fct_tasks where task_id = 'j1'"
    ) == [(2, 3600)]
    assert decisions == [
        ("j1-CUSTOM_ACTION", "remove", "none", True),
        ("j1-RELATED_ACTION-post-c8", "remove", "none", True),
        ("j1-RELATED_ACTION-post-c9", "label", "none", True),
        ("j1-SKIP-ben-2026-01-01 10:30:00+00", "skip", "none", True),
        ("j2-IGNORE", "no_violation", "none", True),
        ("j3-AUTOMATIC_CLOSE", "no_violation", "full", False),
        ("j4-TRANSFORM_JOB_AND_RECREATE_IN_QUEUE", "escalate", "none", True),
    ]


STATEMENT = {
    "uuid": "", "decision_visibility": '["DECISION_VISIBILITY_CONTENT_REMOVED"]', "decision_visibility_other": "",
    "end_date_visibility_restriction": "", "decision_monetary": "", "decision_monetary_other": "",
    "end_date_monetary_restriction": "", "decision_provision": "", "end_date_service_restriction": "",
    "decision_account": "", "end_date_account_restriction": "", "account_type": "ACCOUNT_TYPE_PRIVATE",
    "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT", "decision_ground_reference_url": "",
    "illegal_content_legal_ground": "", "illegal_content_explanation": "", "incompatible_content_ground": "Rule 3",
    "incompatible_content_explanation": "Spam.", "incompatible_content_illegal": "No",
    "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", "category_addition": "[]", "category_specification": "[]",
    "category_specification_other": "", "content_type": '["CONTENT_TYPE_VIDEO"]', "content_type_other": "",
    "content_language": "DE", "content_date": "2025-12-30", "content_id_ean": "", "territorial_scope": '["DE"]',
    "application_date": "2026-01-01", "decision_facts": "A video.", "source_type": "SOURCE_VOLUNTARY",
    "source_identity": "", "automated_detection": "Yes", "automated_decision": "AUTOMATED_DECISION_FULLY",
    "platform_name": "Ours", "platform_uid": "a-1", "created_at": "2026-01-02 00:00:00",
}  # fmt: skip
# Each rule of the database broken, and just not broken.
STATEMENT_CHANGES: list[dict[str, str]] = [
    {},
    {"decision_visibility": "", "decision_account": "DECISION_ACCOUNT_SUSPENDED"},
    {"decision_visibility": ""},
    {"incompatible_content_explanation": ""},
    {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"},
    {
        "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_legal_ground": "Law 1",
        "illegal_content_explanation": "It is.",
    },
    {"content_date": "2000-01-01"},
    {"content_date": "1999-12-31"},
    {"application_date": "2019-12-31"},
    {"application_date": "2020-01-01"},
    {"content_id_ean": "4006381333931"},
    {"content_id_ean": "400638133393"},
    {"decision_facts": "x" * 5000},
    {"decision_facts": "x" * 5001},
    {"decision_visibility": '["DECISION_VISIBILITY_CONTENT_REMOVED","DECISION_VISIBILITY_CONTENT_HIDDEN"]'},
    {"decision_visibility": '["DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_LABELLED"]'},
    {"content_type": '["CONTENT_TYPE_HOLOGRAM"]'},
    {"category_specification": '["KEYWORD_HATE_SPEECH"]'},
    {"category_specification": '["KEYWORD_NOBODY_KNOWS"]'},
    {"platform_uid": "a b"},
    {"category": "STATEMENT_CATEGORY_UNHEARD_OF"},
    {"decision_visibility": "[]"},
    {"decision_visibility": "[]", "decision_monetary": "DECISION_MONETARY_OTHER"},
    # As the light export has it: no explanations, no facts.
    {"incompatible_content_explanation": "", "decision_facts": ""},
    {"incompatible_content_ground": "", "decision_facts": ""},
    {"incompatible_content_ground": ""},
    {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_legal_ground": "Law 1"},
    {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_explanation": "It is."},
    {"content_date": "2038-01-01"},
    {"content_date": "2038-01-02"},
    {"application_date": "2038-01-01"},
    {"application_date": "2038-01-02"},
    {"illegal_content_legal_ground": "x" * 500},
    {"illegal_content_legal_ground": "x" * 501},
    {"illegal_content_explanation": "x" * 2000},
    {"illegal_content_explanation": "x" * 2001},
    {"incompatible_content_ground": "x" * 500},
    {"incompatible_content_ground": "x" * 501},
    {"incompatible_content_explanation": "x" * 2000},
    {"incompatible_content_explanation": "x" * 2001},
    {"category_addition": '["STATEMENT_CATEGORY_SELF_HARM"]'},
    {"category_addition": '["STATEMENT_CATEGORY_UNHEARD_OF"]'},
    {"platform_uid": "a" * 500},
    {"platform_uid": "a" * 501},
    {"content_type": "[]"},
]  # fmt: skip


def test_each_rule_of_the_statements_has_one_that_breaks_it_and_one_that_just_does_not(exports: Project) -> None:
    flags = [
        name
        for (name,) in exports.query(
            "select column_name from (describe dev_staging.stg_transparency__statements_of_reasons)"
            " where column_name like 'is\\_%' escape '\\'"
        )
    ]
    broken: dict[str, list[str]] = {}
    for flag in flags:
        rows = exports.query(f"select uuid from dev_staging.stg_transparency__statements_of_reasons where {flag}")
        broken[str(flag)] = sorted(str(uuid) for (uuid,) in rows)
    assert broken == {
        "is_without_restriction": ["u2", "u21"],
        "is_without_content_type": ["u44"],
        "is_without_its_ground": ["u24", "u25", "u26", "u27", "u3", "u4"],
        "is_dated_out_of_range": ["u29", "u31", "u7", "u8"],
        "is_ean_malformed": ["u11"],
        "is_text_too_long": ["u13", "u33", "u35", "u37", "u39"],
        "is_unlisted_in_a_list": ["u14", "u16", "u18", "u41"],
        "is_platform_uid_malformed": ["u19", "u43"],
    }
    grounds = dict(
        exports.query(
            "select scope, figure from dev_marts.mart_dsa_transparency"
            " where indicator = 'Number of measures taken at own initiative' and scope_kind = 'ground'"
        )
    )
    illegal = sum("ILLEGAL" in change.get("decision_ground", "") for change in STATEMENT_CHANGES)
    assert grounds == {"illegal content": illegal, "terms and conditions": len(STATEMENT_CHANGES) - illegal}
    ((restricted,),) = exports.query("select sum(visibility_restrictions) from dev_intermediate.int_statements_daily")
    assert restricted == len(STATEMENT_CHANGES) - 4, "neither no list nor an empty one restricts anything"
    unmapped = exports.query("select uuid from dev_marts.fct_statements_of_reasons where category = '(unmapped)'")
    assert unmapped == [("u20",)]


def test_the_codes_of_statements_are_those_of_the_database() -> None:
    """Each enumeration that the database publishes is one of the contract, in a column's values or a list's rule."""
    published = json.loads(real_file("dsa", "dsa_sor_enums.json").read_text())
    (contract,) = (c for c in load_contracts() if c.name == "transparency.statements_of_reasons")
    (unlisted,) = (rule for rule in contract.odd if rule.name == "unlisted_in_a_list")
    ours = {column.name: set(column.values) for column in contract.columns if column.values}
    for column, prefix, codes in re.findall(r"regexp_replace\((\w+), '\"(\w+_)\(([A-Z_|]+)\)\"'", unlisted.when):
        ours[column] = {prefix + code for code in codes.split("|")}
    assert ours == {
        "account_type": set(published["ACCOUNT_TYPES"]),
        "automated_decision": set(published["AUTOMATED_DECISIONS"]),
        "automated_detection": set(published["AUTOMATED_DETECTIONS"]),
        "category": set(published["STATEMENT_CATEGORIES"]),
        "category_addition": set(published["STATEMENT_CATEGORIES"]),
        "category_specification": set(published["KEYWORDS"]),
        "content_type": set(published["CONTENT_TYPES"]),
        "decision_account": set(published["DECISION_ACCOUNTS"]),
        "decision_ground": set(published["DECISION_GROUNDS"]),
        "decision_monetary": set(published["DECISION_MONETARIES"]),
        "decision_provision": set(published["DECISION_PROVISIONS"]),
        "decision_visibility": set(published["DECISION_VISIBILITIES"]),
        "incompatible_content_illegal": set(published["INCOMPATIBLE_CONTENT_ILLEGALS"]),
        "source_type": set(published["SOURCE_TYPES"]),
    }


def test_zendesk_files_are_known_by_their_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(real_file("zendesk", "ticket_data.csv").parent.glob("*.csv"))
    assert main(["land", "zendesk", *map(str, files), "--landing", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "nobody reads brands" in printed
    landed = {}
    for table in tmp_path.glob("support/*"):
        (landed[table.name],) = duckdb.sql(f"select count(*) from read_parquet('{table}/*/*.parquet')").fetchall()[0]
    rows = {
        file.stem.removesuffix("_data"): sum(1 for _ in csv.DictReader(file.open(newline="", encoding="utf-8-sig")))
        for file in files
    }
    ignored = ("brand", "organization", "sla_policy_metric_history")
    assert landed == {name: count for name, count in rows.items() if name not in ignored}


def test_a_file_that_no_branch_knows_is_named(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(MappingError, match=r"odd.csv: no branch of coop knows a file by these columns"):
        land(load_mapping("coop", {}), [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW)


def test_rows_are_proposed_for_codes_that_no_seed_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seeds = tmp_path / "seeds" / "reference"
    seeds.mkdir(parents=True)
    (seeds / "queues.csv").write_text(
        "queue_id,queue_name,valid_from,valid_to,sla_seconds\nlive,Live,2020-01-01,,1800\n"
    )
    file = tmp_path / "tasks.csv"
    file.write_text(
        "task_id,queue_id,origin,is_gold,enqueued_at\n"
        't1,live,other,false,2026-01-01 00:00:00\nt2,"vip, new",other,false,2026-01-01 00:00:00\n'
        't3,"vip, new",other,false,2026-01-01 00:00:00\nt4,beta,other,false,2026-01-01 00:00:00\n'
    )
    tasks = load_mapping("contract", {"table": "moderation.tasks"})
    (outcome,) = land(
        tasks, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW, check=True, seeds=tmp_path / "seeds"
    )
    assert [(p.code, p.rows, p.line) for p in outcome.proposals] == [
        ("vip, new", 2, '"vip, new","vip, new",2026-01-05,,'),
        ("beta", 1, "beta,beta,2026-01-05,,"),
    ]


def test_a_time_zone_of_no_one_and_an_experiment_that_is_not_registered_are_proposed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    (tmp_path / "schedule.csv").write_text(
        "id,time_zone,start_time,end_time\na,Pacific Time (US & Canada),0,60\nb,Europe/Lisbon,0,60\nc,Atlantis,0,60\n"
    )
    (tmp_path / "assignments.csv").write_text(
        "experiment_id,unit_type,unit_id,variant\nsecond_look,task,t,control\nthird_look,task,t,control\n"
    )

    def proposed(table: str) -> list[tuple[str, str, str]]:
        mapping = load_mapping("contract", {"table": table})
        file = tmp_path / f"{table.split('.')[1]}.csv"
        (outcome,) = land(
            mapping, [file], tmp_path / "landing", landed_on=DAY, landed_at=NOW, check=True, seeds=tmp_path / "seeds"
        )
        return [(p.seed_file.name, p.code, p.line) for p in outcome.proposals]

    assert proposed("support.schedule") == [("time_zone_aliases.csv", "Atlantis", "Atlantis,")]
    assert proposed("experiments.assignments") == [
        ("experiments.csv", "third_look", "third_look,third_look,,,,,,,,"),
    ]  # fmt: skip
