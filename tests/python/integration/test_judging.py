"""Every rule of judging has a row that breaks it and one that just does not."""

from collections.abc import Callable
from typing import Any

import duckdb
import pytest
from conftest import SALT, Project

from plumbline.landing.contract import Contract, load_contracts

AT, DAY = "2026-01-10 12:00:00", "2026-01-10"
BEFORE = "2026-01-10 11:59:59"
PARTS = {
    f"{part}_seconds": "0"
    for part in (
        "scheduled", "idle", "training", "meeting", "break", "wellness", "system_down", "planned_leave",
        "unplanned_absence",
    )
} | {"paid_seconds": "90000", "handling_seconds": "90000"}  # fmt: skip

Row = dict[str, str]
# Table -> rule -> (what breaks it, what just does not), of each part of a rule one pair. What a row does not say is
# filled in below.
RULES: dict[str, dict[str, tuple[Row, Row] | list[tuple[Row, Row]]]] = {
    "actions.insight_requests": {
        "delivered_before_opened": ({"delivered_at": BEFORE}, {"delivered_at": AT}),
    },
    "actions.management_actions": {
        "started_before_opened": ({"started_at": BEFORE}, {"started_at": AT}),
        "closed_before_opened": ({"closed_at": BEFORE}, {"closed_at": AT}),
    },
    "appeals.appeals": {
        "resolved_before_appealed": ({"resolved_at": BEFORE}, {"resolved_at": AT}),
        "implemented_before_appealed": ({"implemented_at": BEFORE}, {"implemented_at": AT}),
    },
    "benchmarks.dsa_reports": {
        "rate_over_one": [
            ({"value": "1.0001", "indicator": f"Means - {share}"}, {"value": "1", "indicator": f"Means - {share}"})
            for share in ("Error rate", "Accuracy", "Precision", "Recall")
        ]
        + [({"value": "1.0001", "indicator": "Recall"}, {"value": "2", "indicator": "Recalled moderators"})],
    },
    "moderation.task_claims": {
        "claim_without_moderator": ({"event": "claimed"}, {"event": "claimed", "moderator_id": "m"}),
    },
    "exposure.view_samples": {
        "probability_out_of_range": [
            ({"inclusion_probability": "1.000001"}, {"inclusion_probability": "1"}),
            ({"inclusion_probability": "0.0000000009"}, {"inclusion_probability": "0.000000001"}),
        ],
    },
    "moderation.decisions": {
        "decided_before_started": ({"started_at": "2026-01-10 12:00:01"}, {"started_at": AT}),
        "negative_handle_time": ({"handle_seconds": "-0.001"}, {"handle_seconds": "0"}),
        "reversed_before_decided": ({"reversed_at": BEFORE}, {"reversed_at": AT}),
        "enforced_before_decided": ({"enforced_at": BEFORE}, {"enforced_at": AT}),
    },
    "moderation.tasks": {
        "closed_before_enqueued": ({"closed_at": BEFORE}, {"closed_at": AT}),
        "negative_duration": ({"content_duration_seconds": "-0.001"}, {"content_duration_seconds": "0"}),
        "due_before_enqueued": ({"due_at": BEFORE}, {"due_at": AT}),
    },
    "quality.audit_frames": {
        "period_ends_before_start": ({"period_end": "2026-01-09"}, {"period_end": DAY}),
        "negative_count": [
            ({"planned_n": "-1"}, {"planned_n": "0"}),
            ({"population_count": "-1", "planned_n": "-2"}, {"population_count": "0", "planned_n": "0"}),
        ],
        "planned_over_population": ({"planned_n": "2"}, {"planned_n": "1"}),
    },
    "quality.audits": {
        "probability_out_of_range": [
            ({"inclusion_probability": "0.0000000009"}, {"inclusion_probability": "0.000000001"}),
            ({"inclusion_probability": "1.000001"}, {"inclusion_probability": "1"}),
        ],
        "probability_without_design": ({"inclusion_probability": ""}, {"inclusion_probability": "1"}),
        "probability_on_targeted": (
            {"sample_design": "targeted"},
            {"sample_design": "targeted", "inclusion_probability": ""},
        ),
        "severity_off_scale": [({"severity": "6"}, {"severity": "5"}), ({"severity": "0"}, {"severity": "1"})],
        "dispute_resolved_before_raised": (
            {"dispute_raised_at": AT, "dispute_resolved_at": BEFORE},
            {"dispute_raised_at": AT, "dispute_resolved_at": AT},
        ),
        "round_below_one": ({"audit_round": "0"}, {"audit_round": "1"}),
        "disputed_before_audited": ({"dispute_raised_at": BEFORE}, {"dispute_raised_at": AT}),
    },
    "quality.calibration_ratings": {"round_below_one": ({"round": "0"}, {"round": "1"})},
    "quality.scorecard_ratings": {
        "scale_is_empty": ({"min_score": "1", "score": "1"}, {"min_score": "0.999", "score": "1"}),
        "score_off_scale": [({"score": "1.001"}, {"score": "1"}), ({"score": "-0.001"}, {"score": "0"})],
        "negative_weight": ({"weight": "-0.001"}, {"weight": "0"}),
    },
    "support.schedule": {
        "ends_before_start": ({"start_time": "60", "end_time": "60"}, {"start_time": "60", "end_time": "61"}),
        "longer_than_a_week": [
            ({"start_time": "-1", "end_time": "60"}, {"start_time": "0", "end_time": "60"}),
            ({"start_time": "10080", "end_time": "10140"}, {"start_time": "10079", "end_time": "10140"}),
            ({"start_time": "60", "end_time": "10141"}, {"start_time": "60", "end_time": "10140"}),
            ({"start_time": "-1000000000000", "end_time": "1000000000000"}, {}),
        ],
    },
    "support.schedule_holiday": {
        "ends_before_start": ({"end_date": "2026-01-09"}, {"end_date": DAY}),
        "longer_than_a_year": ({"end_date": "2027-01-12"}, {"end_date": "2027-01-11"}),
    },
    "support.survey_responses": {
        "answered_before_asked": ({"answered_at": BEFORE}, {"answered_at": AT}),
        "off_the_scale": [
            ({"score": "-0.001"}, {"score": "0"}),
            ({"score": "5.001", "scale_max": "5"}, {"score": "5", "scale_max": "5"}),
            ({"score": "0", "scale_max": "0"}, {"score": "0", "scale_max": "0.001"}),
        ],
    },
    "support.ticket": {"updated_before_created": ({"updated_at": BEFORE}, {"updated_at": AT})},
    "transparency.authority_orders": {
        "acknowledged_before_received": ({"acknowledged_at": BEFORE}, {"acknowledged_at": AT}),
        "effected_before_received": ({"effected_at": BEFORE}, {"effected_at": AT}),
    },
    "transparency.monthly_recipients": {"negative_count": ({"recipients": "-1"}, {"recipients": "0"})},
    "workforce.activity": {
        "negative_duration": [
            *(
                (PARTS | {name: "-0.001", "handling_seconds": "90000.001"}, PARTS)
                for name in PARTS
                if name not in ("paid_seconds", "handling_seconds")
            ),
            ({**PARTS, "paid_seconds": "-0.001", "handling_seconds": "0"}, PARTS),
            ({**PARTS, "paid_seconds": "59", "handling_seconds": "-0.001"}, PARTS),
        ],
        "longer_than_a_day": (PARTS | {"paid_seconds": "90000.001", "handling_seconds": "90000.001"}, PARTS),
        "parts_do_not_sum": [
            (PARTS | {"handling_seconds": "89939.999"}, PARTS | {"handling_seconds": "89940"}),
            (PARTS | {"handling_seconds": "90060.001"}, PARTS | {"handling_seconds": "90060"}),
        ],
    },
    "workforce.moderators": {
        "valid_to_before_from": ({"valid_to": "2026-01-09"}, {"valid_to": DAY}),
        "left_before_hired": ({"left_on": "2026-01-09"}, {"left_on": DAY}),
        "negative_fte": ({"fte": "-0.0001"}, {"fte": "0"}),
    },
}
# Columns of a good row that are not as their type says.
NOT_THE_SAME = {"min_score": "0", "end_time": "2", "inclusion_probability": "1"}
# The rules of statements of reasons stand in test_tools_exports.py, with the files that bring them.
ELSEWHERE = {"transparency.statements_of_reasons"}


def pairs_of(table: str) -> list[tuple[str, str, Row, Row]]:
    """The rule, a text that tells its pairs apart, what breaks it and what just does not."""
    return [
        (rule, f"{rule}-{number}", *pair)
        for rule, pairs in RULES.get(table, {}).items()
        for number, pair in enumerate(pairs if isinstance(pairs, list) else [pairs])
    ]


def good_row(contract: Contract, key: str) -> dict[str, str]:
    """A row that nothing is wrong with; the texts of its key tell it from others."""
    row = {}
    for column in contract.columns:
        if column.nullable and column.name != contract.event and column.name not in contract.key:
            continue
        row[column.name] = {
            "VARCHAR": column.values[0] if column.values else key,
            "TIMESTAMP": AT,
            "DATE": DAY,
            "BOOLEAN": "false",
        }.get(column.type, "1")
    return row | {name: value for name, value in NOT_THE_SAME.items() if name in contract.column_names}


def key_text(contract: Contract) -> str:
    """The column that tells rows apart here: a text of the key, else any that may hold one."""
    texts = [c.name for c in contract.columns if c.type == "VARCHAR" and not c.values and not c.nullable]
    return next((name for name in contract.key if name in texts), texts[0])


@pytest.fixture(scope="module")
def judged(new_project: Callable[..., Project]) -> Project:
    project = new_project("judged", salt=SALT)
    for contract in load_contracts():
        rows = [
            good_row(contract, f"{name}-{kind}") | change
            for _, name, *changes in pairs_of(contract.name)
            for kind, change in zip(("breaks", "not_quite"), changes, strict=True)
        ]
        if contract.event:
            outer = {"DATE": ("1990-01-01", "2199-12-31")}.get(
                next(c.type for c in contract.columns if c.name == contract.event),
                ("1990-01-01 00:00:00", "2199-12-31 23:59:59"),
            )
            rows += [only_event(contract, f"within-{n}", day) for n, day in enumerate(outer)]
            rows += [
                only_event(contract, f"beyond-{n}", day)
                for n, day in enumerate(("1989-12-31 00:00:00", "2200-01-01 00:00:00"))
            ]
        rows += [row for _, _, row in rows_at_the_limits(contract)]
        write(project, contract, rows)
    project.build()
    return project


MOST = "1000000000000"
LIMITS = {
    "BIGINT": [MOST, f"-{MOST}", "1000000000001", "-1000000000001", "9223372036854775807", "-9223372036854775808", "0"],
    "DECIMAL(18,3)": [MOST, f"-{MOST}", f"{MOST}.001", f"-{MOST}.001", "999999999999999.999", "0"],
    "DECIMAL(9,4)": ["99999.9999", "-99999.9999", "0"],
    "DOUBLE": [MOST, f"-{MOST}", "1e308", "-1e308", "5e-324", "-5e-324", "0"],
    "DATE": ["1900-01-01", "9999-12-31"],
    "TIMESTAMP": ["1900-01-01 00:00:00", "9999-12-31 23:59:59.999999"],
    "VARCHAR": ["'; drop table rows; --", "{{ 1 / 0 }}", "=1+1", "\u202e\U0001f468\u200d\U0001f469", "..", "null"],
}


def rows_at_the_limits(contract: Contract) -> list[tuple[str, str, Row]]:
    """Column, value and the row that has it, for each limit of each column; else nothing is wrong with the row.

    The n-th row of one table names the n-th of the others.
    """
    found: list[tuple[str, str, Row]] = []
    for column in contract.columns:
        for value in [] if column.values else LIMITS.get(column.type, []):
            key = f"limit-{len(found)}"
            text = key + value if column.name == key_text(contract) else value
            found.append((column.name, value, good_row(contract, key) | {column.name: text}))
    return found


def only_event(contract: Contract, key: str, at: str) -> dict[str, str]:
    """A row with its event moved, and whatever must not lie before that moved as well."""
    row = good_row(contract, key) | {str(contract.event): at}
    for column in contract.columns:
        if column.type == "DATE" and column.name in row and column.name != contract.event:
            row[column.name] = at[:10]
    return row


def write(project: Project, contract: Contract, rows: list[dict[str, str]]) -> None:
    folder = project.landing / contract.source / contract.table / "landed_on=2026-01-11"
    folder.mkdir(parents=True)
    texts = ", ".join(f'"{name}" varchar' for name in contract.column_names)
    with duckdb.connect() as connection:
        connection.execute(f"create table rows ({texts}, _source_system varchar)")
        places = ", ".join("?" for _ in range(len(contract.columns) + 1))
        connection.executemany(
            f"insert into rows values ({places})",
            [[row.get(name) or None for name in contract.column_names] + ["ours"] for row in rows],
        )
        connection.execute(f"copy rows to '{folder / 'rows.parquet'}' (format parquet)")


def test_every_rule_of_the_contract_is_listed() -> None:
    listed: dict[str, list[str]] = {table: sorted(rules) for table, rules in RULES.items()}
    declared = {
        contract.name: sorted(rule.name for rule in (*contract.impossible, *contract.odd))
        for contract in load_contracts()
        if (contract.impossible or contract.odd) and contract.name not in ELSEWHERE
    }
    assert listed == declared


@pytest.mark.parametrize("contract", [c for c in load_contracts() if c.name in RULES], ids=lambda c: c.name)
@pytest.mark.long
def test_a_rule_is_broken_by_what_breaks_it_and_not_by_what_nearly_does(judged: Project, contract: Any) -> None:
    text = key_text(contract)
    problems = dict(
        judged.query(
            f"select {text}, coalesce(_problems, '') from dev_staging.base_{contract.source}__{contract.table}"
            f" where not regexp_matches({text}, '^(within|beyond|limit)-')"
        )
    )
    impossible = {rule.name for rule in contract.impossible}
    expected = {}
    for rule, name, *_ in pairs_of(contract.name):
        expected[f"{name}-breaks"] = rule if rule in impossible else ""
        expected[f"{name}-not_quite"] = ""
    assert problems == expected
    for rule in contract.odd:
        flagged = judged.query(
            f"select {text} from dev_staging.stg_{contract.source}__{contract.table} where is_{rule.name}"
            f" and not regexp_matches({text}, '^(within|beyond|limit)-') order by 1"
        )
        assert flagged == sorted(
            (f"{name}-breaks",) for broken, name, *_ in pairs_of(contract.name) if broken == rule.name
        )


@pytest.mark.parametrize("contract", [c for c in load_contracts() if c.event], ids=lambda c: c.name)
def test_an_event_of_no_time_that_a_platform_lives_in_is_impossible(judged: Project, contract: Any) -> None:
    text = key_text(contract)
    found = judged.query(
        f"select {text}, coalesce(_problems, '') from dev_staging.base_{contract.source}__{contract.table}"
        f" where {text} like 'within-%' or {text} like 'beyond-%' order by 1"
    )
    wrong = f"{contract.event}_out_of_range"
    assert [name for name, problems in found if wrong in str(problems).split(",")] == ["beyond-0", "beyond-1"]
    assert [name for name, problems in found if not problems] == ["within-0", "within-1"]


@pytest.mark.parametrize("contract", list(load_contracts()), ids=lambda c: c.name)
def test_a_number_that_nobody_counts_to_is_impossible(judged: Project, contract: Any) -> None:
    text = key_text(contract)
    problems = dict(
        judged.query(
            f"select regexp_extract({text}, '^limit-[0-9]+'), coalesce(_problems, '')"
            f" from dev_staging.base_{contract.source}__{contract.table} where {text} like 'limit-%'"
        )
    )
    types = {column.name: column.type for column in contract.columns}
    rows = rows_at_the_limits(contract)
    assert len(problems) == len(rows)
    for number, (name, value, _) in enumerate(rows):
        is_beyond = types[name] in ("BIGINT", "DOUBLE", "DECIMAL(18,3)") and abs(float(value)) > float(MOST)
        found = str(problems[f"limit-{number}"]).split(",")
        assert (f"{name}_out_of_range" in found) == is_beyond or name == contract.event, (name, value)


def test_values_at_the_limits_go_through_the_whole_build(judged: Project) -> None:
    """What is not quarantined is a value like any other: every row is there, and no figure is without end."""
    balanced = judged.query(
        "select source_table, bool_and(is_balanced) from dev_intermediate.int_reconciliation group by 1"
    )
    assert dict(balanced) == {contract.name: True for contract in load_contracts()}
    columns = judged.query(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where data_type = 'DOUBLE' and table_schema in ('dev_marts', 'dev_reports')"
    )
    assert len(columns) > 100
    by_table: dict[str, list[str]] = {}
    for schema, table, column in columns:
        by_table.setdefault(f"{schema}.{table}", []).append(str(column))
    for table, names in by_table.items():
        endless = ", ".join(f"count(*) filter (where not isfinite({name})) as {name}" for name in names)
        (counts,) = judged.query(f"select {endless} from {table}")
        assert set(counts) == {0}, (table, dict(zip(names, counts, strict=True)))


@pytest.mark.long
def test_history_before_a_ticket_is_flagged_and_kept(new_project: Callable[..., Project]) -> None:
    project = new_project("odd_history", salt=SALT)
    contracts = {contract.name: contract for contract in load_contracts()}
    ticket, history = contracts["support.ticket"], contracts["support.ticket_field_history"]
    write(project, ticket, [good_row(ticket, name) | {"id": name} for name in ("before", "at")])
    write(
        project,
        history,
        [
            {"ticket_id": "before", "field_name": "status", "updated": BEFORE, "value": "open"},
            {"ticket_id": "at", "field_name": "status", "updated": AT, "value": "open"},
        ],
    )
    project.build()
    odd = "select ticket_id, has_events_before_creation, events from dev_marts.fct_tickets order by 1"
    assert project.query(odd) == [
        ("at", False, 1), ("before", True, 1),
    ]  # fmt: skip
