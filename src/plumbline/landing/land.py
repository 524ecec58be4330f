"""`plumbline land`: other tools' files become Parquet of the landing contract, whole calls at a time.

A call writes its Parquet first and then replaces the ledger. Until then, nothing of the call counts: dbt reads a file
that `land` wrote only when the ledger names it.
"""

import datetime as dt
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from plumbline.clock import after
from plumbline.landing import ledger
from plumbline.landing.casts import cast, given, literal
from plumbline.landing.contract import Contract, project_variable
from plumbline.landing.delimited import Progress
from plumbline.landing.mapping import Branch, Mapping, MappingError
from plumbline.landing.naming import named, nearest
from plumbline.landing.paths import check_landing_path
from plumbline.landing.proposals import Proposal, proposals
from plumbline.landing.read import LINE, UnreadableFileError, delimiter_hint, limit_of_engine, quoted, read_rows
from plumbline.sandbox import lock, one_line, open_closed


@dataclass
class Outcome:
    """What one file came to in one table; `left_alone` says why a file that nobody reads came to nothing."""

    source_file: Path
    source_table: str
    rows_read: int
    branches: int
    landed: int
    rejected: int
    filtered: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    already_landed: bool = False
    left_alone: str | None = None
    proposals: list[Proposal] = field(default_factory=list)
    form: str | None = None


def land(
    mapping: Mapping,
    files: Sequence[Path],
    landing: Path,
    *,
    landed_at: dt.datetime,
    landed_on: dt.date | None = None,
    check: bool = False,
    again: bool = False,
    seeds: Path | None = None,
    progress: Callable[[str], Progress] = lambda file: lambda done, total: None,
) -> list[Outcome]:
    """Land `files` by `mapping` under `landing`; with `check`, say what would come of it and write nothing.

    A file that an earlier call landed by the same mapping, parameters and contract is left alone while what it landed
    is there, so that a call can be repeated; with `again` it lands once more, as for a snapshot that returns to an
    earlier state. With `seeds`, an outcome proposes rows for codes that the seeds there have not.

    Later calls win over earlier ones, whatever the clock says: a call whose `landed_at` is not after that of the last
    call gets the next microsecond, and without `landed_on` it arrives on the day of `landed_at` or of the last arrival,
    whichever is later.

    Raises:
        MappingError: when an expression does not fit a file; nothing is written.
        UnreadableFileError: when a file cannot be read; nothing is written.
        LedgerError: when the ledger is damaged; nothing is written.
        ValueError: when `landing` holds the sample, which never shares a landing with real data, or cannot be listed;
            when `landed_on` lies in the future.
    """
    check_landing_path(landing)
    if (landing / "truths.json").exists():
        raise ValueError(
            f"{landing} holds the sample; give real data a landing of its own: --landing or PLUMBLINE_LANDING"
        )
    with _locked(landing, check):
        call = _Call(mapping, landing, landed_on, landed_at, again, seeds, check)
        try:
            outcomes = [outcome for file in files for outcome in call.file(file, progress(str(file)))]
            if not check:
                call.commit()
        finally:
            call.close()
    return outcomes


@contextmanager
def _locked(landing: Path, check: bool) -> Iterator[None]:
    """One call at a time in a landing. A check writes nothing, so it takes no lock."""
    if check:
        yield
        return
    (landing / "_ledger").mkdir(parents=True, exist_ok=True)
    with (landing / "_ledger" / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        # Nobody else is landing: these are of calls that were killed.
        with ledger.committing(landing), duckdb.connect() as connection:
            ledger.attach(landing, connection)
            ledger.take_back(landing, connection)
        for folder in ledger.Files(landing).staged():
            shutil.rmtree(folder)
        yield


class _Call:
    """One call: the staging folder it writes to, rows that do not fit into memory among them, and the ledger lines that
    will commit it."""

    def __init__(
        self,
        mapping: Mapping,
        landing: Path,
        landed_on: dt.date | None,
        landed_at: dt.datetime,
        again: bool,
        seeds: Path | None,
        check: bool,
    ) -> None:
        self.mapping, self.landing, self.again, self.seeds = mapping, landing, again, seeds
        self.ledger = duckdb.connect(config={"threads": 1})
        ledger.attach(landing, self.ledger)
        last = self.ledger.execute("select max(landed_at), max(landed_on) from ledger").fetchone() or (None, None)
        self.landed_at = after(landed_at, last[0])
        self.landed_on = _day_of_arrival(landed_on, landed_at.date(), last[1])
        self.staging = landing / "_ledger" / f".staging-{self.call_id}"
        self.lines: list[dict[str, Any]] = []
        self.moves: list[tuple[Path, Path]] = []
        self.memory_limit = limit_of_engine(os.environ.get("PLUMBLINE_MEMORY_LIMIT", "4GiB"))
        # The file at hand: its rows, in a database of their own, where user SQL runs; and the folder that it writes to.
        self.rows: duckdb.DuckDBPyConnection
        self.output: Path | None = None
        # A check writes nothing to the landing. The folder goes with the call, however that ends.
        self.scratch = tempfile.TemporaryDirectory(prefix="plumbline-land-") if check else None
        self.spill = Path(self.scratch.name) if self.scratch else self.staging / "spill"
        (self.spill / "rows").mkdir(parents=True)
        self.landed_now: dict[str, list[str]] = {}

    @property
    def call_id(self) -> str:
        """Moment and mapping."""
        return f"{self.landed_at:%Y%m%dT%H%M%S%f}-{self.mapping.digest[:8]}"

    def close(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.staging, ignore_errors=True)
        if self.scratch:
            self.scratch.cleanup()

    def _known(self, digest: str) -> list[str]:
        """Tables that a file landed in by this mapping, in this call or one before; none where it is new."""
        found = self.ledger.execute(
            "select source_table, landed_file from ledger where source_sha256 = ? and mapping_digest = ? order by 1",
            [digest, self.mapping.digest],
        ).fetchall()
        # What is gone may come back from the file that it came from.
        there = {table for table, landed in found if landed is None or (self.landing / landed).exists()}
        return sorted(there) or self.landed_now.get(digest, [])

    def file(self, file: Path, progress: Progress) -> list[Outcome]:
        if not file.is_file():
            raise UnreadableFileError(f"{file}: no such file")
        digest = ledger.sha256(file)
        known = self._known(digest)
        if known and not self.again:
            return [Outcome(file, table, 0, 1, 0, 0, already_landed=True) for table in known]
        with open_closed(self.spill / "rows", self.memory_limit) as self.rows:
            return self._tables(file, digest, progress)

    def _tables(self, file: Path, digest: str, progress: Progress) -> list[Outcome]:
        try:
            rows_read = read_rows(self.rows, file, self.mapping.reading, progress)
            self._lock()
            try:
                form = self._name_columns()
                branches = self.mapping.fitting(self._columns("named_rows"))
                if isinstance(branches, str):
                    return [Outcome(file, "none", rows_read, 1, 0, 0, left_alone=branches)]
                for branch in branches:
                    self._bind(branch)
            except MappingError as error:
                hint = delimiter_hint(file, self._columns("raw_rows"), self.mapping.reading)
                raise MappingError(f"{file}: {error}{hint}") from None
            by_table: dict[str, list[Branch]] = {}
            for branch in branches:
                by_table.setdefault(branch.contract.name, []).append(branch)
            self.landed_now[digest] = sorted(by_table)
            return [self._table(file, digest, rows_read, form, of_table) for of_table in by_table.values()]
        except duckdb.Error as error:
            raise MappingError(f"{self.mapping.name}: {file}: {str(error).splitlines()[0]}") from None

    def _lock(self) -> None:
        """The file is read: from here on expressions of others may run. They reach no folder but its own output's."""
        self.output = None if self.scratch else Path(tempfile.mkdtemp(dir=self.staging))
        lock(self.rows, self.output)

    def _columns(self, relation: str) -> list[str]:
        described = self.rows.execute(f"describe {relation}").fetchall()
        return [name for name, *_ in described if name != LINE]

    def _name_columns(self) -> str | None:
        """Make `named_rows`: the rows read, their columns under the names of the mapping; return the form they have."""
        present = self._columns("raw_rows")
        naming = named(self.mapping, present)
        columns = ", ".join(f"{sql} as {quoted(name)}" for name, sql in naming.columns.items())
        self.rows.execute(f"create or replace temp view named_rows as select {columns}, {LINE} from raw_rows")
        if not self.mapping.names and self.mapping.reading.match == "exact":
            return None
        spellings = " union ".join(naming.spellings)
        words = self.rows.execute(f"{spellings} order by all").fetchall() if spellings else []
        met = [*naming.form, *(f"{header} {spelling!r} for {word!r}" for header, spelling, word in words)]
        return "; ".join(met) or "as listed"

    def _table(self, file: Path, digest: str, rows_read: int, form: str | None, branches: list[Branch]) -> Outcome:
        contract = branches[0].contract
        self._type_rows(contract, branches)
        stem = f"{self.landed_at:%Y%m%dT%H%M%S%f}-{digest[:12]}-{self.mapping.digest[:8]}.land.parquet"
        place = Path(contract.source, contract.table, f"landed_on={self.landed_on}", stem)
        columns = ", ".join(f'"{name}"' for name in contract.column_names)
        stamp = f"{literal(self.mapping.source_system)} as _source_system"
        landed = self._write(
            f"select {columns}, {literal(file.name)} as _file, _line, {self._instant()} as _landed_at, {stamp} "
            "from typed_rows where _reasons is null order by _order",
            place,
        )
        rejected_place = Path("_rejected") / place
        rejected = self._write(
            f"select {literal(contract.name)} as source_table, {literal(file.name)} as source_file, _line, "
            f"_raw as raw, _reasons as reasons, {self._instant()} as _landed_at, {stamp} from "
            f"({self._untyped_as_read()} "
            f"union all select _line, _raw, _fault from raw_faults, range({len(branches)})) order by _line",
            rejected_place,
        )
        reasons = self.rows.execute(
            f"select reason, count(*) from (select unnest(string_split(_reasons, ',')) as reason from typed_rows "
            "where _reasons is not null "
            f"union all select _fault from raw_faults, range({len(branches)})) group by 1 order by 1"
        ).fetchall()
        filtered = sum(self._left_out(branch) for branch in branches)
        if rows_read * len(branches) != landed + rejected + filtered:
            raise MappingError(
                f"{self.mapping.name}: {file}: {contract.name}: {rows_read} rows by {len(branches)} branches are not"
                f" {landed} landed, {rejected} rejected and {filtered} left out; nothing is landed"
            )
        line = {
            "call_id": self.call_id, "source_file": file.name, "source_size": file.stat().st_size,
            "source_sha256": digest, "mapping": self.mapping.name, "mapping_digest": self.mapping.digest,
            "source_table": contract.name, "rows_read": rows_read, "branches": len(branches), "landed": landed,
            "rejected": rejected, "filtered": filtered, "landed_on": self.landed_on, "landed_at": self.landed_at,
            "form": form,
        }  # fmt: skip
        self.lines.append(
            line | self._written("landed", place, landed) | self._written("rejected", rejected_place, rejected)
        )
        return Outcome(
            file, contract.name, rows_read, len(branches), landed, rejected, filtered, dict(reasons),
            proposals=proposals(self.rows, contract, self.seeds, self.landed_on) if self.seeds else [], form=form,
        )  # fmt: skip

    def _untyped_as_read(self) -> str:
        """SQL of the rows that are not typed, each as the file has it. Only these are written out: a wide file has far
        more text than its contract keeps."""
        fields = ", ".join(f"{quoted(name)} := raw_rows.{quoted(name)}" for name in self._columns("raw_rows"))
        return (
            f"select untyped._line, to_json(struct_pack({fields})) as _raw, untyped._reasons from raw_rows"
            " inner join (select _line, _reasons from typed_rows where _reasons is not null) as untyped"
            " on raw_rows._line = untyped._line"
        )

    def _left_out(self, branch: Branch) -> int:
        """How many rows the branch's `where` leaves out, counted by themselves: what is lost elsewhere must show."""
        if not branch.where:
            return 0
        sql = f"select count(*) from named_rows where ({branch.where}\n) is not true"
        counted = self.rows.execute(sql).fetchone()
        return int(counted[0]) if counted else 0

    def _instant(self) -> str:
        return f"timestamp '{self.landed_at:%Y-%m-%d %H:%M:%S.%f}'"

    def _type_rows(self, contract: Contract, branches: list[Branch]) -> None:
        """Make `typed_rows`: the contract's columns, `_line`, `_order`, `_reasons` (what is not typed)."""
        selects = []
        for number, branch in enumerate(branches):
            expressions = self._expressions(branch)
            values = ", ".join(f'({expressions.get(c.name, "null")}\n) as "{c.name}"' for c in contract.columns)
            # Rows are numbered only where they stand in another order: a window holds all of them at once.
            order = f"row_number() over (order by {branch.order_by}\n)" if branch.order_by else LINE
            where = f"where ({branch.where}\n)" if branch.where else ""
            selects.append(
                f"select {values}, {LINE}, {number} * 1000000000000 + {order} as _order from named_rows {where}"
            )
        rows = " union all ".join(selects)
        types = {name: kind for name, kind, *_ in self.rows.execute(f"describe {rows}").fetchall()}
        formats = self.mapping.reading.timestamp_formats
        typed, untyped = [], []
        for column in contract.columns:
            raw = given(column, quoted(column.name), types[column.name])
            sql = cast(column, raw, types[column.name], formats)
            typed.append(f"{sql} as {quoted(column.name)}")
            untyped.append(f"case when {raw} is not null and {sql} is null then 'untypeable_{column.name}' end")
        self.rows.execute(
            f"""
            create or replace temp table typed_rows as
            select {", ".join(typed)}, _line, _order, nullif(concat_ws(',', {", ".join(untyped)}), '') as _reasons
            from ({rows})
            """
        )

    def _expressions(self, branch: Branch) -> dict[str, str]:
        """SQL over `named_rows` of each column of the branch's table."""
        if branch.expressions is not None:
            return branch.expressions
        contract, present = branch.contract, self._columns("named_rows")
        has = {name.lower() for name in present}
        missing = [c.name for c in contract.columns if not c.nullable and c.name not in has]
        if missing:
            named_ = ", ".join(f"{name}{nearest([name], present)}" for name in missing)
            raise MappingError(f"{contract.name} needs columns that the file has not: {named_}")
        return {name: quoted(name) for name in contract.column_names if name in has}

    def _bind(self, branch: Branch) -> None:
        """Bind each expression to the file's columns before any of its rows is mapped."""
        clauses = {"where": branch.where, "order_by": branch.order_by}
        for column, expression in [*self._expressions(branch).items(), *((k, v) for k, v in clauses.items() if v)]:
            item = f"row_number() over (order by {expression}\n)" if column == "order_by" else f"({expression}\n)"
            try:
                self.rows.execute(f"describe select {item} from named_rows")
            except duckdb.Error as error:
                raise MappingError(f"{branch.at(column)}{column}: does not fit: {one_line(error)}") from None

    def _write(self, query: str, place: Path) -> int:
        """Write rows to the staging folder; an empty file is no file, and a check writes none."""
        counted = self.rows.execute(f"select count(*) from ({query})").fetchone()
        rows = int(counted[0]) if counted else 0
        if rows and self.output:
            staged = self.output / place
            staged.parent.mkdir(parents=True, exist_ok=True)
            self.rows.execute(f"copy ({query}) to {literal(str(staged))} (format parquet, compression zstd)")
            self.moves.append((staged, self.landing / place))
        return rows

    def _written(self, what: str, place: Path, rows: int) -> dict[str, Any]:
        """What the ledger keeps of a file that was written, so that another in its place is found out."""
        size, digest = None, None
        if rows and self.output:
            staged = self.output / place
            size, digest = staged.stat().st_size, ledger.sha256(staged)
        return {f"{what}_file": str(place) if rows else None, f"{what}_size": size, f"{what}_sha256": digest}

    def commit(self) -> None:
        """Put everything in place: with that the call counts."""
        if self.lines:
            ledger.commit(self.landing, self.ledger, self.lines, self.moves, self.staging)


def _day_of_arrival(given: dt.date | None, today: dt.date, former: dt.date | None) -> dt.date:
    """The day given, unless it lies in the future; else today, and never before what arrived last."""
    last = max(today, former or today)
    if given is None:
        return last
    latest = max(last, today + dt.timedelta(days=int(project_variable("landed_on_tolerance_days"))))
    if given > latest:
        raise ValueError(
            f"--landed-on {given} lies in the future: arrivals count up to {latest}; give the day on which it came"
        )
    return given
