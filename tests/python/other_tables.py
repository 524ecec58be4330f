"""Rows that repeat, change and name things unknown, for every landed table of which the sample's rows do not."""

import datetime as dt
import random
from pathlib import Path

import duckdb

from plumbline.landing.contract import Column, Contract, load_contracts

FILES, ROWS = 4, 60
# The sample itself corrects and repeats rows of these.
CORRECTED = ("moderation.tasks", "moderation.decisions", "support.ticket")
# Their rows hang together; what is drawn without the others is quarantined, or means nothing.
WHOLE = (
    "quality.audits", "quality.audit_frames", "quality.calibration_ratings", "workforce.moderators",
    "workforce.activity", "support.ticket_field_history",
)  # fmt: skip


def write_other_tables(landing: Path, *, first_day: dt.date, days: int, seed: int) -> None:
    """Add files of made-up rows for the other tables, on days drawn from those given.

    A file repeats keys of those before it, some with the same content and some with other, and names decisions,
    contents, tickets, moderators and queues that are there.
    """
    draw = random.Random(seed)  # noqa: S311
    known = _known(landing)
    for contract in load_contracts():
        if contract.name in CORRECTED + WHOLE:
            continue
        rows: list[dict[str, str | None]] = []
        for day in sorted(draw.sample(range(days), FILES)):
            rows = [_row(contract, known, draw, first_day, day) for _ in range(ROWS)] + draw.sample(
                rows, min(len(rows), ROWS // 3)
            )
            rows += [_changed(contract, row, known, draw, first_day, day) for row in draw.sample(rows, ROWS // 3)]
            _write(landing, contract, rows, first_day + dt.timedelta(days=day))


def _known(landing: Path) -> dict[str, list[str]]:
    """Ids that stand in the landing, by the column that names them."""
    ids = {
        "decision_id": ("moderation/decisions", "decision_id"),
        "content_id": ("moderation/decisions", "content_id"),
        "ticket_id": ("support/ticket", "id"),
        "moderator_id": ("workforce/moderators", "moderator_id"),
        "coach_id": ("workforce/moderators", "moderator_id"),
        "user_id": ("support/ticket", "assignee_id"),
    }
    found = {}
    for column, (folder, name) in ids.items():
        sql = (
            f"select distinct {name} from read_parquet('{landing}/{folder}/*/*.parquet', union_by_name = true)"
            f" where {name} is not null and {name} <> '' order by hash({name}) limit 500"
        )
        found[column] = [row[0] for row in duckdb.sql(sql).fetchall()]
    found["id of user"] = found["user_id"]
    found["queue_id"] = ["live", "ads", "minor_safety", "no_such_queue"]
    found["setting"] = ["auto_assign", "max_open_tasks", "blur_thumbnails"]
    found["value"] = ["true", "3", "false", "5"]
    found["policy_code"] = ["hate_speech", "spam", "no_such_policy"]
    found["market"] = ["DE", "US", "XX"]
    # A support tool may export the schedule of a queue, too.
    found["id of schedule"] = found["schedule_id"] = ["lisbon_office", "desk"]
    found["time_zone"] = ["Europe/Lisbon", "America/New_York"]
    found["role"] = ["agent", "end-user"]
    return found


def _row(
    contract: Contract, known: dict[str, list[str]], draw: random.Random, first_day: dt.date, day: int
) -> dict[str, str | None]:
    # An event lies up to forty days before its file; what else is an instant lies after it.
    at = dt.datetime.combine(first_day, dt.time()) + dt.timedelta(
        days=day - draw.randrange(40), minutes=draw.randrange(1440)
    )
    return {column.name: _value(contract, column, known, draw, at) for column in contract.columns}


def _value(
    contract: Contract, column: Column, known: dict[str, list[str]], draw: random.Random, at: dt.datetime
) -> str | None:
    if column.nullable and column.name not in contract.key and draw.random() < 0.2:
        return None
    if column.name != contract.event and column.type in ("TIMESTAMP", "DATE"):
        at += dt.timedelta(days=1, minutes=draw.randrange(2000))
    if column.type == "TIMESTAMP":
        return str(at)
    if column.type == "DATE":
        return str(at.date())
    if column.type == "BOOLEAN":
        return draw.choice(["true", "false"])
    if column.type == "VARCHAR":
        choices = known.get(f"{column.name} of {contract.table}") or known.get(column.name) or column.values
        return draw.choice(choices) if choices else f"{column.name} {draw.randrange(10_000)}"
    numbers = {
        "min_score": "0",
        "max_score": "1",
        "start_time": "0",
        "end_time": "600",
        "inclusion_probability": "0.25",
    }
    return numbers.get(column.name, str(draw.randrange(2)))


def _changed(
    contract: Contract,
    row: dict[str, str | None],
    known: dict[str, list[str]],
    draw: random.Random,
    first_day: dt.date,
    day: int,
) -> dict[str, str | None]:
    """Another version of the same key."""
    other = _row(contract, known, draw, first_day, day)
    return {name: row[name] if name in contract.key else other[name] for name in row}


def _write(landing: Path, contract: Contract, rows: list[dict[str, str | None]], day: dt.date) -> None:
    folder = landing / contract.source / contract.table / f"landed_on={day}"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        texts = ", ".join(f'"{name}" varchar' for name in contract.column_names)
        connection.execute(f"create table made (_number integer, {texts}, _source_system varchar)")
        places = ", ".join("?" for _ in range(len(contract.columns) + 2))
        connection.executemany(
            f"insert into made values ({places})",
            [[n, *(row[name] for name in contract.column_names), "sample"] for n, row in enumerate(rows)],
        )
        ordered = "select * exclude (_number) from made order by _number"
        connection.execute(f"copy ({ordered}) to '{folder / 'made.parquet'}' (format parquet)")
