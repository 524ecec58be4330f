"""Rows that no honest system would send, in text-typed files as careless pipelines write them."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import duckdb

from plumbline.landing.casts import literal
from plumbline.landing.contract import Contract

ROWS_A_DAY = 18

# A good row made from one of the day's tasks (what automation took has none), by column; what is left out is empty.
_GOOD = {
    "decisions": {
        "decision_id": "'BAD-' || task_id",
        "task_id": "task_id",
        "content_id": "content_id",
        "moderator_id": "moderator_id",
        "automation_level": "'none'",
        "started_at": "enqueued_at + interval 1 hour",
        "decided_at": "enqueued_at + interval 2 hour",
        "handle_seconds": "'40'",
        "outcome": "'no_violation'",
    },
    "audits": {
        "audit_id": "'BAD-' || task_id",
        "decision_id": "'D' || substr(task_id, 2)",
        "sample_design": "'random'",
        "inclusion_probability": "'0.02'",
        "review_mode": "'open'",
        "audit_round": "'1'",
        "auditor_id": "'QA001'",
        "auditor_type": "'in_house'",
        "audited_at": "enqueued_at + interval 20 hour",
        "audited_outcome": "'no_violation'",
    },
}

# The reason for which such a row is quarantined -> what is wrong in it.
_WRONG = {
    "decisions": {
        "untypeable_decided_at": {"decided_at": "'yesterday'"},
        "missing_decision_id": {"decision_id": "''"},
        "negative_handle_time": {"handle_seconds": "'-5'"},
        "decided_before_started": {"started_at": "enqueued_at + interval 3 hour"},
        "untypeable_handle_seconds": {"handle_seconds": "'12 sec'"},
        "decided_before_enqueued": {
            "started_at": "enqueued_at - interval 2 hour",
            "decided_at": "enqueued_at - interval 1 hour",
        },
    },
    "audits": {
        "probability_out_of_range": {"inclusion_probability": "'1.5'"},
        "probability_without_design": {"inclusion_probability": "''"},
        "probability_on_targeted": {"sample_design": "'targeted'"},
    },
}


def write(
    connection: duckdb.DuckDBPyConnection,
    contracts: dict[str, Contract],
    file_for: Callable[[Contract], Path],
    *,
    seed: int,
    day: dt.date,
    count: Callable[[str, str, int], None],
) -> None:
    """Land a file of impossible decisions and one of impossible audits on `day`, and count them by reason."""
    for table, good in _GOOD.items():
        contract, wrong = contracts[table], _WRONG[table]
        columns = ", ".join(f"{_expression(name, good, wrong)} as {name}" for name in contract.column_names)
        (rows,) = connection.execute(
            f"""
            copy (
                select {columns}, timestamp '{day} 23:59:58' as _landed_at, 'sample' as _source_system
                from (
                    select *, (row_number() over (order by hash({seed}, task_id), task_id) - 1) % {len(wrong)} as kind
                    from roots
                    where day = date '{day}' and path <> 'automated'
                    order by hash({seed}, task_id), task_id
                    limit {ROWS_A_DAY}
                )
            ) to {literal(str(file_for(contract)))} (format parquet)
            """
        ).fetchall()[0]
        count(table, "landed", rows)
        for kind, reason in enumerate(wrong):
            of_kind = rows // len(wrong) + (kind < rows % len(wrong))
            count(table, "quarantined", of_kind)
            count(table, f"quarantined: {reason}", of_kind)


def _expression(column: str, good: dict[str, str], wrong: dict[str, dict[str, str]]) -> str:
    cases = " ".join(
        f"when {kind} then cast({changes[column]} as varchar)"
        for kind, changes in enumerate(wrong.values())
        if column in changes
    )
    plain = f"cast({good.get(column, 'null')} as varchar)"
    return f"case kind {cases} else {plain} end" if cases else plain
