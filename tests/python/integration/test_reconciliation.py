"""Every branch of every mapping: what became of each row of a file that has one of each kind."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, SALT, Project

from plumbline.landing.land import land
from plumbline.landing.mapping import load_mapping

DAY = dt.date(2026, 1, 5)
NOW = dt.datetime(2026, 1, 5, 12, 0, 0)
COUNTS = ("rows_to_account_for", "rejected", "filtered", "quarantined", "duplicate", "superseded", "staged")
SHIPPED = ROOT / "src" / "plumbline" / "landing" / "mappings"


@dataclass(frozen=True)
class File:
    """Lines of a file as a tool exports it, and what they come to by table, in the order of `COUNTS`."""

    mapping: str
    header: str
    lines: tuple[str, ...]
    expected: dict[str, tuple[int, ...]]
    parameters: dict[str, str] = field(default_factory=dict)


# A row, the same again, the same key with another content, a value that is none of its type, a key that is missing,
# and a line that has a field too few.
ONE_OF_EACH = (6, 2, 0, 1, 1, 1, 1)
GROUND, SEEN = "DECISION_GROUND_INCOMPATIBLE_CONTENT", "SOURCE_VOLUNTARY,Yes,AUTOMATED_DECISION_FULLY"

FILES = [
    File(
        "contract",
        "frame_id,stratum,period_start,period_end,population_count,planned_n",
        (
            "f,s,2026-01-01,2026-01-07,100,5",
            "f,s,2026-01-01,2026-01-07,100,5",
            "f,s,2026-01-01,2026-01-07,100,6",
            "f,t,2026-01-01,2026-01-07,many,5",
            ",t,2026-01-01,2026-01-07,100,5",
            "f,t,2026-01-01",
        ),
        {"quality.audit_frames": ONE_OF_EACH},
        {"table": "quality.audit_frames"},
    ),
    File(
        "cger",
        "Metric,Period Type,Period,Policy Type,Issue Policy,Task Type,Task,Location,Market,Result",
        # The line is of the key: what is said twice is there twice.
        (
            "Total,quarterly,Q1,all,all,all,all,all,all,1.0",
            "Total,quarterly,Q1,all,all,all,all,all,all,1.0",
            "Total,quarterly,Q1,all,all,all,all,all,all,2.0",
            "Total,quarterly,Q1,all,all,all,all,all,all,one",
            ",quarterly,Q1,all,all,all,all,all,all,1.0",
            "Total,quarterly",
        ),
        {"benchmarks.cger": (6, 2, 0, 1, 0, 0, 3)},
        {"vintage": "'2026-q1'"},
    ),
    File(
        "dsa_report",
        "service,section,indicator,scope,value,surface",
        (
            "Ours,s,i,Total,1,",
            "Ours,s,i,Total,1,",
            "Ours,s,i,Total,2,",
            "Ours,s,i,Total,one,",
            ",s,i,Total,1,",
            "Ours,s",
        ),
        {"benchmarks.dsa_reports": (6, 2, 0, 1, 0, 0, 3)},
        {"period_start": "date '2025-07-01'"},
    ),
    File(
        "dsa_recipients",
        "service,scope,amar",
        ("Ours,TOTAL,9", "Ours,TOTAL,9", "Ours,TOTAL,8", "Ours,AT,many", ",AT,9", "Ours,AT"),
        {"transparency.monthly_recipients": ONE_OF_EACH},
        {"period_start": "date '2025-07-01'"},
    ),
    File(
        "dsa_statements",
        "uuid,decision_ground,category,content_type,content_date,application_date,source_type,automated_detection,"
        "automated_decision,platform_name,created_at",
        (
            f"u,{GROUND},STATEMENT_CATEGORY_VIOLENCE,[],2026-01-01,2026-01-01,{SEEN},Ours,2026-01-02 00:00:00",
            f"u,{GROUND},STATEMENT_CATEGORY_VIOLENCE,[],2026-01-01,2026-01-01,{SEEN},Ours,2026-01-02 00:00:00",
            f"u,{GROUND},STATEMENT_CATEGORY_VIOLENCE,[],2026-01-01,2026-01-01,{SEEN},Others,2026-01-02 00:00:00",
            f"v,{GROUND},STATEMENT_CATEGORY_VIOLENCE,[],soon,2026-01-01,{SEEN},Ours,2026-01-02 00:00:00",
            f",{GROUND},STATEMENT_CATEGORY_VIOLENCE,[],2026-01-01,2026-01-01,{SEEN},Ours,2026-01-02 00:00:00",
            f"w,{GROUND}",
        ),
        {"transparency.statements_of_reasons": ONE_OF_EACH},
    ),
    File(
        "rater_table",
        "item_id,rater_id,label,session_id,round",
        ("i,r,hate,s,1", "i,r,hate,s,1", "i,r,none,s,1", "j,r,hate,s,first", "j,,hate,s,1", "j,r"),
        {"quality.calibration_ratings": ONE_OF_EACH},
        {"round": "round"},
    ),
    File(
        "servicenow_incidents",
        "number,incident_state,reassignment_count,reopen_count,sys_mod_count,made_sla,caller_id,opened_at,"
        "sys_updated_by,sys_updated_at,contact_type,priority,assignment_group,assigned_to",
        (
            "N1,New,0,0,0,TRUE,c,01-01-2026 01:00,u,01-01-2026 02:00,Phone,3 - Moderate,g,a",
            "N1,New,0,0,0,TRUE,c,01-01-2026 01:00,u,01-01-2026 02:00,Phone,3 - Moderate,g,a",
            "N1,Active,0,0,0,TRUE,c,01-01-2026 01:00,u,01-01-2026 02:00,Phone,3 - Moderate,g,a",
            "N2,New,0,0,0,TRUE,c,once,u,01-01-2026 02:00,Phone,3 - Moderate,g,a",
            ",New,0,0,0,TRUE,c,01-01-2026 01:00,u,01-01-2026 02:00,Phone,3 - Moderate,g,a",
            "N3,New",
        ),
        {
            "support.ticket": ONE_OF_EACH,
            # Each line is seven rows, of which the changed line changes the status alone. When N2 was opened is no
            # matter of its history.
            "support.ticket_field_history": (42, 7, 0, 7, 13, 1, 14),
        },
    ),
    File(
        "coop",
        "id,org_id,queue_id,item_id,item_type_id,created_at,enqueue_source_info,policy_ids",
        (
            "j1,o,q,c1,post,2026-01-01 10:00:00+00,{},{}",
            "j1,o,q,c1,post,2026-01-01 10:00:00+00,{},{}",
            "j1,o,q,c2,post,2026-01-01 10:00:00+00,{},{}",
            "j2,o,q,c2,post,then,{},{}",
            ",o,q,c2,post,2026-01-01 10:00:00+00,{},{}",
            "j3,o",
        ),
        {"moderation.tasks": ONE_OF_EACH},
    ),
    File(
        "coop",
        "org_id,item_id,action_id,policy_id,type,item_type_id,queue_id,reviewer_id,ds,job_id,decided_at",
        (
            "o,c1,,,IGNORE,post,q,anna,2026-01-01,j1,2026-01-01 11:00:00+00",
            "o,c1,,,IGNORE,post,q,anna,2026-01-01,j1,2026-01-01 11:00:00+00",
            "o,c1,,,IGNORE,post,q,ben,2026-01-01,j1,2026-01-01 11:00:00+00",
            "o,c1,,,IGNORE,post,q,anna,2026-01-01,j2,then",
            "o,c1,,,IGNORE,post,q,anna,2026-01-01,,2026-01-01 11:00:00+00",
            "o,c1",
        ),
        {"moderation.decisions": ONE_OF_EACH},
    ),
    File(
        "coop",
        "org_id,user_id,job_id,queue_id,ts",
        # All that is landed of a skip is of its key, so that none can be corrected.
        (
            "o,ben,j1,q,2026-01-01 10:30:00+00",
            "o,ben,j1,q,2026-01-01 10:30:00+00",
            "o,ben,j1,p,2026-01-01 10:30:00+00",
            "o,ben,j2,q,then",
            "o,ben,,q,2026-01-01 10:30:00+00",
            "o,ben",
        ),
        {"moderation.decisions": (6, 2, 0, 1, 2, 0, 1)},
    ),
    File(
        "zendesk",
        "id,created_at,updated_at,status,priority,type,via_channel,group_id,assignee_id,requester_id,subject,due_at",
        (
            "t,2026-01-01 00:00:00,2026-01-02 00:00:00,new,high,question,web,g,a,r,s,",
            "t,2026-01-01 00:00:00,2026-01-02 00:00:00,new,high,question,web,g,a,r,s,",
            "t,2026-01-01 00:00:00,2026-01-02 00:00:00,open,high,question,web,g,a,r,s,",
            "u,then,2026-01-02 00:00:00,new,high,question,web,g,a,r,s,",
            ",2026-01-01 00:00:00,2026-01-02 00:00:00,new,high,question,web,g,a,r,s,",
            "v,2026-01-01 00:00:00",
        ),
        {"support.ticket": ONE_OF_EACH},
    ),
    File(
        "zendesk",
        "ticket_id,field_name,updated,user_id,value",
        (
            "t,status,2026-01-01 00:00:00,a,new",
            "t,status,2026-01-01 00:00:00,a,new",
            "t,status,2026-01-01 00:00:00,a,open",
            "t,status,then,a,new",
            ",status,2026-01-01 00:00:00,a,new",
            "t,status",
        ),
        {"support.ticket_field_history": ONE_OF_EACH},
    ),
    File(
        "zendesk",
        "id,ticket_id,user_id,created,public,body",
        (
            "c,t,a,2026-01-01 00:00:00,true,hello",
            "c,t,a,2026-01-01 00:00:00,true,hello",
            "c,t,a,2026-01-01 00:00:00,true,goodbye",
            "d,t,a,2026-01-01 00:00:00,perhaps,hello",
            ",t,a,2026-01-01 00:00:00,true,hello",
            "e,t",
        ),
        {"support.ticket_comment": ONE_OF_EACH},
    ),
    File(
        "zendesk",
        "id,ticket_id,score,comment,created_at,updated_at",
        (
            "r,t,offered,,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "r,t,offered,,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "r,t,good,,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "s,t,good,,then,2026-01-01 00:00:00",
            ",t,good,,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "s,t",
            "u,t,unoffered,,2026-01-01 00:00:00,2026-01-01 00:00:00",
        ),
        {"support.satisfaction_rating": (7, 2, 1, 1, 1, 1, 1)},
    ),
    File(
        "zendesk",
        "id,name,role,organization_id,locale,created_at,updated_at",
        (
            "a,A,agent,o,en,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "a,A,agent,o,en,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "a,A,agent,o,pt,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "b,B,agent,o,en,then,2026-01-01 00:00:00",
            ",B,agent,o,en,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "b,B",
        ),
        {"support.user": ONE_OF_EACH},
    ),
    File(
        "zendesk",
        "_fivetran_deleted,id,name,url,created_at,updated_at",
        (
            "false,g,G,u,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "false,g,G,u,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "false,g,H,u,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "false,h,H,u,then,2026-01-01 00:00:00",
            "false,,H,u,2026-01-01 00:00:00,2026-01-01 00:00:00",
            "false,h",
            "true,i,I,u,2026-01-01 00:00:00,2026-01-01 00:00:00",
        ),
        {"support.group": (7, 2, 0, 1, 1, 1, 2)},
    ),
    File(
        "zendesk",
        "id,name,time_zone,start_time,end_time,start_time_utc,end_time_utc,created_at,_fivetran_deleted",
        (
            "7,Desk,UTC,480,960,,,2026-01-01 00:00:00,false",
            "7,Desk,UTC,480,960,,,2026-01-01 00:00:00,false",
            "7,Desk,UTC,480,960,,,2026-01-01 00:00:00,true",
            "7,Desk,UTC,480,noon,,,2026-01-01 00:00:00,false",
            "7,Desk,UTC,960,480,,,2026-01-01 00:00:00,false",
            "7,Desk",
        ),
        {"support.schedule": ONE_OF_EACH},
    ),
    File(
        "zendesk",
        "id,schedule_id,name,start_date,end_date,_fivetran_deleted",
        (
            "1,7,Day,2026-01-06,2026-01-06,false",
            "1,7,Day,2026-01-06,2026-01-06,false",
            "1,7,Day,2026-01-06,2026-01-06,true",
            "2,7,Day,soon,2026-01-06,false",
            ",7,Day,2026-01-06,2026-01-06,false",
            "2,7",
        ),
        {"support.schedule_holiday": ONE_OF_EACH},
    ),
]


@pytest.fixture(scope="module")
def reconciled(new_project: Callable[..., Project], tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = new_project("reconciled", salt=SALT)
    folder = tmp_path_factory.mktemp("exports")
    for number, file in enumerate(FILES):
        path = folder / f"{number}.csv"
        path.write_text("\n".join([file.header, *file.lines]) + "\n")
        mapping = load_mapping(file.mapping, file.parameters)
        land(mapping, [path], project.landing, landed_on=DAY, landed_at=NOW)
    project.build("--exclude-resource-type", "test", "--select", "+mart_data_validation")
    return project


def branches(mapping: Path) -> set[str]:
    return {branch["table"] for branch in yaml.safe_load(mapping.read_text())["branches"]}


def test_every_branch_of_every_mapping_is_below() -> None:
    shipped = {(file.stem, table) for file in SHIPPED.glob("*.yml") for table in branches(file)}
    below = {(file.mapping, table) for file in FILES for table in file.expected}
    assert below == {(name, "quality.audit_frames" if table == "$table" else table) for name, table in shipped}


@pytest.mark.parametrize("number", range(len(FILES)), ids=[f"{n}-{file.mapping}" for n, file in enumerate(FILES)])
def test_each_row_of_a_file_is_where_it_should_be(number: int, reconciled: Project) -> None:
    found = reconciled.query(
        f"select source_table, {', '.join(COUNTS)}, is_balanced from dev_intermediate.int_reconciliation"
        f" where source_file = '{number}.csv'"
    )
    assert {row[0]: row[1:-1] for row in found} == FILES[number].expected
    assert all(row[-1] for row in found)
    for counts in FILES[number].expected.values():
        assert counts[0] == sum(counts[1:])
