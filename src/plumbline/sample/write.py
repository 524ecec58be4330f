"""Writes the sample some days at a time, then lands what is due, so that memory holds these days whatever the span."""

import datetime as dt
import json
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from plumbline.landing.casts import literal
from plumbline.landing.contract import Contract, load_contract, load_contracts
from plumbline.sample import (
    appeals,
    census,
    exposure,
    fates,
    malformed,
    moderation,
    people,
    programme,
    quality,
    support,
    transparency,
    truths,
    workforce,
    world,
)
from plumbline.writing import new_folder

# Every table of the contract, by the name of its pending rows.
TABLES = {contract.table: f"{contract.source}.{contract.table}" for contract in load_contracts()}

# Draws by hash: the same for the same seed, name and numbers, whatever was drawn before. Hashed twice: a hash of
# several values ends in an exclusive or with that of the last, so that two names drawn for one number would tell each
# other.
MACROS = """
create macro pick(seed, what, d, i) as cast(hash(hash(seed, what, d, i)) >> 1 as bigint);
create macro draw(seed, what, d, i) as (hash(hash(seed, what, d, i)) >> 11) / 9007199254740992.0;
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
            except (ValueError, OverflowError):
                raise ValueError(f"--scale {name}: give tiny, demo or a number of decisions, such as 1000000") from None
            span = max(14, min(1000, math.ceil(decisions / 100_000)))
        if not 1_000 <= decisions <= 100_000_000:
            raise ValueError(f"--scale {name}: give between 1000 and 100000000 decisions")
        if days is not None and not 7 <= days <= 2000:
            raise ValueError(f"--days {days}: give between 7 and 2000 days")
        if decisions > 5_000_000 * (days or span):
            raise ValueError(f"--days {days}: give at least one for each 5,000,000 decisions")
        return cls(name, days or span, decisions)

    @property
    def last_day(self) -> dt.date:
        """The last day on which anything arises or lands."""
        return world.FIRST_DAY + dt.timedelta(days=self.days - 1)

    @property
    def has_effects(self) -> bool:
        """Whether it spans every planted day, with enough audits on either side."""
        return self.days >= 200 and self.decisions >= 400_000 and self.has_wide_census

    @property
    def has_wide_census(self) -> bool:
        """Whether the census has more than labels: beyond some size it would cost as much as the decisions."""
        return self.decisions <= 2_000_000

    @property
    def moderators(self) -> int:
        """Enough people that a site and language has several, and no more than the work asks for."""
        return max(96, round(self.decisions / self.days / 120))


def write_sample(
    scale: Scale,
    landing: Path,
    *,
    seed: int = 1,
    audit_seed: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Write the sample under `landing` and what is true of it to `truths.json` beside it; return those truths.

    Args:
        scale: How much to write.
        landing: The landing folder; it must not exist, or hold an earlier sample only, which is replaced once the new
            one is whole. What a kill leaves beside it, the next call removes.
        seed: One seed, one platform, the same bytes.
        audit_seed: Which decisions are drawn for audit; without it `seed`.
        progress: Called with (days done, days in all).

    Raises:
        ValueError: when `landing` holds anything that is not a sample, or is a mount point.
    """
    is_sample = (landing / "truths.json").exists()
    if landing.exists() and any(landing.iterdir()) and not is_sample:
        raise ValueError(f"{landing} holds files that are not a sample; give another folder or empty it")
    contracts = {table: load_contract(*name.split(".")) for table, name in TABLES.items()}
    drawn_by = seed if audit_seed is None else audit_seed
    with new_folder(landing, replaces=is_sample) as partial:
        with duckdb.connect() as connection:
            found = Writer(connection, contracts, scale, partial, seed, drawn_by).run(progress)
        (partial / "truths.json").write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    return found


# Rows that are made at once: enough for both cores, little enough for any memory.
ROWS_AT_ONCE = 1_000_000


class Writer:
    """The state of one call: what is pending, and the counts that truths.json gives."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        contracts: dict[str, Contract],
        scale: Scale,
        landing: Path,
        seed: int,
        audit_seed: int,
    ) -> None:
        self.connection, self.contracts, self.scale = connection, contracts, scale
        self.landing, self.seed, self.audit_seed = landing, seed, audit_seed
        self.counts: dict[str, dict[str, int]] = {}

    def make(self, days: list[dt.date]) -> None:
        """Make the world and what arises on `days`, and land nothing."""
        self._prepare()
        self._make(days)

    def run(self, progress: Callable[[int, int], None]) -> dict[str, Any]:
        """Write everything; return what truths.json says."""
        self._prepare()
        days = [world.FIRST_DAY + dt.timedelta(days=number) for number in range(self.scale.days)]
        at_once = max(1, min(40, ROWS_AT_ONCE * self.scale.days // self.scale.decisions))
        for first in range(0, len(days), at_once):
            chunk = days[first : first + at_once]
            self._make(chunk)
            self._land(chunk)
            progress(first + len(chunk), len(days))
        return self._truths()

    def _prepare(self) -> None:
        # Joins as written: the optimiser takes the millions of draws for the smaller side, and hashes them.
        self.connection.execute(
            """
            set timezone = 'UTC';
            set threads = 2;
            set disabled_optimizers = 'join_order,build_side_probe_side';
            """
            + MACROS
        )
        for table, contract in self.contracts.items():
            columns = ", ".join(f'"{c.name}" {c.type}' for c in contract.columns)
            # Where a row lands, and what becomes of it there.
            self.connection.execute(f"create table pending_{table} ({columns}, landed_on date, fate varchar)")
        self.connection.execute(
            """
            create table frame_counts (
                frame_id varchar, stratum varchar, period_start date, period_end date, population bigint,
                planned decimal(18, 4));
            create table handling (moderator_id varchar, activity_on date, queue_id varchar, seconds bigint);
            create table day_load (day date, d bigint, roots bigint, automated bigint, tickets bigint);
            """
        )
        moderation.make_lookups(self.connection)
        people.make_people(self.connection, seed=self.seed, moderators=self.scale.moderators, days=self.scale.days)
        support.make_desk(self.connection, first=world.FIRST_DAY)
        programme.make_world(self.connection)
        transparency.make_publications(self.connection, first=world.FIRST_DAY, last=self.scale.last_day)

    def _make(self, days: list[dt.date]) -> None:
        """Add what arises on `days` to what is pending."""
        self.connection.execute("delete from day_load")
        self.connection.executemany("insert into day_load values (?, ?, ?, ?, ?)", [self._load(day) for day in days])
        people.present_by_language(self.connection)
        moderation.make_days(self.connection, seed=self.seed)
        fates.pend(self.connection, seed=self.seed)
        quality.make_audits(self.connection, seed=self.seed, audit_seed=self.audit_seed)
        census.write(self.connection, self.landing, days, is_wide=self.scale.has_wide_census)
        appeals.make_appeals(self.connection, seed=self.seed)
        exposure.make_reports_and_views(self.connection, seed=self.seed)
        transparency.make_statements(self.connection)
        transparency.make_orders(self.connection, seed=self.seed)
        programme.make_units(self.connection, seed=self.seed)
        workforce.count_handling(self.connection)
        support.make_tickets(self.connection, seed=self.seed)
        workforce.make_activity(self.connection, seed=self.seed, through=max(days) - dt.timedelta(days=2))
        for monday in sorted(days):
            if monday.weekday() == 0:
                quality.make_calibration(self.connection, seed=self.seed, monday=monday)
                quality.close_frames(self.connection, monday=monday)

    def _load(self, day: dt.date) -> tuple[dt.date, int, int, int, int]:
        pace = world.WEEKDAYS[day.weekday()] / (sum(world.WEEKDAYS) / 7) * (0.8 if day in world.HOLIDAYS else 1.0)
        decisions = self.scale.decisions / self.scale.days * pace
        roots, automated = decisions * world.TASKS_WITH_A_HUMAN_DECISION, decisions * world.AUTOMATED
        return day, (day - world.FIRST_DAY).days, round(roots), round(automated), max(3, round(decisions / 60))

    def _land(self, days: list[dt.date]) -> None:
        """Write what is due on `days`, a file per table and day, two at a time; then forget it."""
        jobs: list[tuple[str, dt.date]] = []
        for table in self.contracts:
            due = f"from pending_{table} where landed_on between date '{days[0]}' and date '{days[-1]}'"
            for fate, rows in self.connection.execute(f"select fate, count(*) {due} group by 1 order by 1").fetchall():
                self._count(table, "landed", rows)
                if fate in _COUNTED:
                    self._count(table, _COUNTED[fate], rows)
            landing_days = self.connection.execute(f"select distinct landed_on {due} order by 1").fetchall()
            jobs.extend((table, day) for (day,) in landing_days)
        # Two files at a time, each by one thread: two by two would wait for each other.
        self.connection.execute("set threads = 1")
        with ThreadPoolExecutor(max_workers=2) as pool:
            list(pool.map(lambda job: self._write(*job), jobs))
        self.connection.execute("set threads = 2")
        for table in self.contracts:
            # Made anew: a table in memory keeps the room of rows that are deleted from it, and scans pass over them.
            self.connection.execute(
                f"create or replace table pending_{table} as from pending_{table} where landed_on > date '{days[-1]}'"
            )
        for day in days:
            malformed.write(
                self.connection,
                self.contracts,
                partial(landed_file, self.landing, day=day, stem="malformed"),
                seed=self.seed,
                day=day,
                count=self._count,
            )

    def _write(self, table: str, day: dt.date) -> None:
        """Land the rows that are due on `day`, in key order, as the contract types them."""
        contract = self.contracts[table]
        columns = ", ".join(f'"{c.name}"' for c in contract.columns)
        file = landed_file(self.landing, contract, day, "sample")
        order = ", ".join(f'"{name}"' for name in contract.key)
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"""
                copy (
                    select {columns}, timestamp '{day} 23:59:59' as _landed_at, 'sample' as _source_system
                    from pending_{table} where landed_on = date '{day}' order by {order}
                ) to {literal(str(file))} (format parquet, compression zstd)
                """
            )

    def _count(self, table: str, what: str, rows: int) -> None:
        counts = self.counts.setdefault(TABLES[table], {})
        counts[what] = counts.get(what, 0) + rows

    def _truths(self) -> dict[str, Any]:
        return {
            "scale": self.scale.name,
            "seed": self.seed,
            "first_day": str(world.FIRST_DAY),
            "last_day": str(self.scale.last_day),
            "counts": {table: dict(sorted(counts.items())) for table, counts in sorted(self.counts.items())},
            # Planted effects, each with slice, period, figure and tolerance.
            "effects": truths.effects(self.landing) if self.scale.has_effects else [],
        }


# What truths.json counts a row's fate as. A row is a duplicate, or superseded, once the row that follows it has landed.
_COUNTED = {
    "duplicate": "duplicate",
    "correction": "superseded",
    "closed": "superseded",
    "late": "late",
    "unmapped": "unmapped",
}


def landed_file(landing: Path, contract: Contract, day: dt.date, stem: str) -> Path:
    """The path of a file that lands on `day`, its folder made."""
    folder = landing / contract.source / contract.table / f"landed_on={day}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{stem}.parquet"
