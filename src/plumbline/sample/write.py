"""Writes the sample day by day: makes a day, then lands what is due, so that memory holds a day whatever the span."""

import datetime as dt
import json
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from plumbline.landing.contract import Contract, load_contract
from plumbline.sample import malformed, moderation, people, quality, support, workforce, world

TABLES = {
    "tasks": "moderation.tasks",
    "decisions": "moderation.decisions",
    "audits": "quality.audits",
    "audit_frames": "quality.audit_frames",
    "calibration_ratings": "quality.calibration_ratings",
    "moderators": "workforce.moderators",
    "activity": "workforce.activity",
    "ticket": "support.ticket",
    "ticket_field_history": "support.ticket_field_history",
}

# Draws by hash: the same for the same seed, name and numbers, whatever was drawn before.
_MACROS = """
create macro pick(seed, what, d, i) as cast(hash(seed, what, d, i) >> 1 as bigint);
create macro draw(seed, what, d, i) as (hash(seed, what, d, i) >> 11) / 9007199254740992.0;
create macro normal(seed, what, d, i) as
    sqrt(-2 * ln(1 - draw(seed, what || '1', d, i))) * cos(2 * pi() * draw(seed, what || '2', d, i));
"""


@dataclass(frozen=True)
class Scale:
    """How much is written: days, and decisions over all of them."""

    name: str
    days: int
    decisions: int

    @classmethod
    def of(cls, name: str, days: int | None = None) -> "Scale":
        """A named scale (`tiny`, `demo`), or a number of decisions such as `1000000`.

        Raises:
            ValueError: when the name is neither, or a number is out of range.
        """
        named = {"tiny": (14, 20_000), "demo": (200, 400_000)}
        if name in named:
            span, decisions = named[name]
        else:
            try:
                decisions = int(float(name.replace("_", "")))
            except ValueError:
                raise ValueError(f"--scale {name}: give tiny, demo or a number of decisions, such as 1000000") from None
            span = max(14, min(1000, math.ceil(decisions / 100_000)))
        if not 1_000 <= decisions <= 100_000_000:
            raise ValueError(f"--scale {name}: give between 1000 and 100000000 decisions")
        if days is not None and not 7 <= days <= 2000:
            raise ValueError(f"--days {days}: give between 7 and 2000 days")
        return cls(name, days or span, decisions)

    @property
    def moderators(self) -> int:
        """Enough people that a site and language has several, and no more than the work asks for."""
        return max(60, round(self.decisions / self.days / 120))


def write_sample(
    scale: Scale, landing: Path, *, seed: int = 1, progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Any]:
    """Write the sample under `landing` and what is true of it to `truths.json` beside it; return those truths.

    Args:
        scale: How much to write.
        landing: The landing folder; it must not exist, or hold an earlier sample only, which is replaced.
        seed: One seed, one platform, the same bytes.
        progress: Called with (days done, days in all).

    Raises:
        ValueError: when `landing` holds anything that is not a sample.
    """
    truths_file = landing / "truths.json"
    if landing.exists() and any(landing.iterdir()) and not truths_file.exists():
        raise ValueError(f"{landing} holds files that are not a sample; give another folder or empty it")
    shutil.rmtree(landing, ignore_errors=True)
    landing.mkdir(parents=True)
    contracts = {table: load_contract(*name.split(".")) for table, name in TABLES.items()}
    with duckdb.connect() as connection:
        truths = _Writer(connection, contracts, scale, landing, seed).run(progress)
    # Last, so that a folder with truths.json is a whole sample.
    truths_file.write_text(json.dumps(truths, indent=2, sort_keys=True) + "\n")
    return truths


class _Writer:
    """The state of one call: what is pending, and the counts that truths.json gives."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        contracts: dict[str, Contract],
        scale: Scale,
        landing: Path,
        seed: int,
    ) -> None:
        self.connection, self.contracts, self.scale = connection, contracts, scale
        self.landing, self.seed = landing, seed
        self.counts: dict[str, dict[str, int]] = {}

    def run(self, progress: Callable[[int, int], None]) -> dict[str, Any]:
        self._prepare()
        per_day = self.scale.decisions / self.scale.days
        mean_weekday = sum(world.WEEKDAYS) / 7
        for number in range(self.scale.days):
            day = world.FIRST_DAY + dt.timedelta(days=number)
            pace = world.WEEKDAYS[day.weekday()] / mean_weekday * (0.8 if day in world.HOLIDAYS else 1.0)
            self._make(day, per_day * pace)
            self._land(day)
            progress(number + 1, self.scale.days)
        return self._truths()

    def _prepare(self) -> None:
        self.connection.execute("set timezone = 'UTC'; set threads = 2;" + _MACROS)
        shapes = {t: [(c.name, c.type) for c in self.contracts[t].columns] for t in ("tasks", "decisions", "audits")}
        moderation.create_shapes(self.connection, shapes)
        moderation.make_lookups(self.connection)
        people.make_people(self.connection, seed=self.seed, moderators=self.scale.moderators, days=self.scale.days)
        self.connection.execute(
            """
            create temp table frame_counts (
                frame_id varchar, stratum varchar, period_start date, period_end date, population bigint,
                planned double);
            create temp table handling (moderator_id varchar, activity_on date, queue_id varchar, seconds bigint);
            """
        )
        for table in ("ticket", "ticket_field_history"):
            body = ", ".join(f'"{c.name}" {c.type}' for c in self.contracts[table].columns)
            self.connection.execute(f"create temp table pending_{table} ({body}, landed_on date, fate varchar)")

    def _make(self, day: dt.date, decisions: float) -> None:
        people.present_by_language(self.connection, day)
        moderation.make_day(
            self.connection,
            seed=self.seed,
            day=day,
            roots=round(decisions * world.TASKS_WITH_A_HUMAN_DECISION),
            automated=round(decisions * world.AUTOMATED),
        )
        quality.make_audits(self.connection, seed=self.seed, day=day)
        workforce.count_handling(self.connection)
        support.make_tickets(self.connection, seed=self.seed, day=day, tickets=max(3, round(decisions / 60)))

    def _land(self, day: dt.date) -> None:
        """Land what is due: pending rows of `day`, older activity, frames and session of a finished week."""
        for table in ("tasks", "decisions", "audits", "ticket", "ticket_field_history"):
            self.connection.execute(
                f"create or replace temp table due as select * from pending_{table} where landed_on = $1", [day]
            )
            self._count_fates(table)
            self._write(table, day, "select * exclude (landed_on, fate) from due")
            self.connection.execute(f"delete from pending_{table} where landed_on <= $1", [day])
        malformed.write(
            self.connection,
            self.contracts,
            lambda contract: landed_file(self.landing, contract, day, "malformed"),
            seed=self.seed,
            day=day,
            count=self._count,
        )
        workforce.make_activity(self.connection, seed=self.seed, day=day - dt.timedelta(days=2))
        self._write("activity", day, "select * from activity")
        self._write("moderators", day, f"select * exclude (landed_on) from roster where landed_on = date '{day}'")
        if day.weekday() == 0:
            quality.make_calibration(self.connection, seed=self.seed, monday=day)
            self._write("calibration_ratings", day + dt.timedelta(days=1), "select * from calibration")
            self._write(
                "audit_frames",
                day,
                "select frame_id, stratum, period_start, period_end,"
                " cast(sum(population) as bigint) as population_count,"
                " cast(round(sum(planned)) as bigint) as planned_n"
                f" from frame_counts where period_end < date '{day}' group by all",
            )
            self.connection.execute("delete from frame_counts where period_end < $1", [day])

    def _write(self, table: str, day: dt.date, rows: str) -> None:
        """Land `rows` on `day` in key order, as the contract types them; nothing where there are none."""
        contract = self.contracts[table]
        columns = ", ".join(f'cast("{c.name}" as {c.type}) as "{c.name}"' for c in contract.columns)
        last_day = world.FIRST_DAY + dt.timedelta(days=self.scale.days - 1)
        counted = self.connection.execute(f"select count(*) from ({rows})").fetchone()
        if not counted or not counted[0] or day > last_day:
            return
        self._count(table, "landed", counted[0])
        file = landed_file(self.landing, contract, day, "sample")
        order = ", ".join(f'"{name}"' for name in contract.key)
        self.connection.execute(
            f"""
            copy (
                select {columns}, timestamp '{day} 23:59:59' as _landed_at, 'sample' as _source_system
                from ({rows}) order by {order}
            ) to '{file}' (format parquet, compression zstd)
            """
        )

    def _count(self, table: str, what: str, rows: int) -> None:
        counts = self.counts.setdefault(TABLES[table], {})
        counts[what] = counts.get(what, 0) + rows

    def _count_fates(self, table: str) -> None:
        # A row is a duplicate, or superseded, once the row that follows it has landed.
        names = {
            "duplicate": "duplicate",
            "correction": "superseded",
            "closed": "superseded",
            "late": "late",
            "unmapped": "unmapped",
        }
        for fate, rows in self.connection.execute(
            "select fate, count(*) from due group by fate order by fate"
        ).fetchall():
            if fate in names:
                self._count(table, names[fate], rows)

    def _truths(self) -> dict[str, Any]:
        return {
            "scale": self.scale.name,
            "seed": self.seed,
            "first_day": str(world.FIRST_DAY),
            "last_day": str(world.FIRST_DAY + dt.timedelta(days=self.scale.days - 1)),
            "counts": {table: dict(sorted(counts.items())) for table, counts in sorted(self.counts.items())},
            # Planted effects, each with slice, period, figure and tolerance.
            "effects": [],
        }


def landed_file(landing: Path, contract: Contract, day: dt.date, stem: str) -> Path:
    """The path of a file that lands on `day`, its folder made."""
    folder = landing / contract.source / contract.table / f"landed_on={day}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{stem}.parquet"
