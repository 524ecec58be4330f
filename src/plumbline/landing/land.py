"""`plumbline land`: other tools' files become Parquet of the landing contract, whole calls at a time.

A call writes its Parquet first and then one ledger file, by rename. Until that is there, nothing of the call counts:
dbt reads a file that `land` wrote only when the ledger names it.
"""

import datetime as dt
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from plumbline.landing.contract import Column, Contract
from plumbline.landing.mapping import Branch, Mapping, MappingError
from plumbline.landing.proposals import Proposal, proposals
from plumbline.landing.read import Progress, UnreadableFileError, quoted, read_rows

LEDGER_COLUMNS = {
    "call_id": "varchar",
    "source_file": "varchar",
    "source_size": "bigint",
    "source_sha256": "varchar",
    "mapping": "varchar",
    "mapping_digest": "varchar",
    "source_table": "varchar",
    "landed_file": "varchar",
    "rejected_file": "varchar",
    "rows_read": "bigint",
    "branches": "bigint",
    "landed": "bigint",
    "rejected": "bigint",
    "filtered": "bigint",
    "landed_on": "date",
    "landed_at": "timestamp",
}


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


def land(
    mapping: Mapping,
    files: Sequence[Path],
    landing: Path,
    *,
    landed_on: dt.date,
    landed_at: dt.datetime,
    check: bool = False,
    again: bool = False,
    seeds: Path | None = None,
    progress: Callable[[str], Progress] = lambda file: lambda done, total: None,
) -> list[Outcome]:
    """Land `files` by `mapping` under `landing`; with `check`, say what would come of it and write nothing.

    A file that an earlier call landed by the same mapping, parameters and contract is left alone, so that a call can be
    repeated; with `again` it lands anew, as for a snapshot that returns to an earlier state. With `seeds`, an outcome
    proposes rows for codes that the seeds there have not.

    Raises:
        MappingError: when an expression does not fit a file; nothing is written.
        UnreadableFileError: when a file cannot be read; nothing is written.
        ValueError: when `landing` holds the sample, which never shares a landing with real data.
    """
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
        for folder in (landing / "_ledger").glob(".staging-*"):
            shutil.rmtree(folder)
        yield


class _Call:
    """One call: the staging folder it writes to, rows that do not fit into memory among them, and the ledger lines that
    will commit it."""

    def __init__(
        self,
        mapping: Mapping,
        landing: Path,
        landed_on: dt.date,
        landed_at: dt.datetime,
        again: bool,
        seeds: Path | None,
        check: bool,
    ) -> None:
        self.mapping, self.landing, self.landed_on, self.landed_at = mapping, landing, landed_on, landed_at
        self.again, self.seeds = again, seeds
        # Calls of one moment (a clock that is coarse, or given) come one after the other: none overwrites another.
        while self.ledger.exists():
            self.landed_at += dt.timedelta(microseconds=1)
        self.staging = landing / "_ledger" / f".staging-{self.call_id}"
        self.lines: list[tuple[object, ...]] = []
        self.moves: list[tuple[Path, Path]] = []
        self.connection = duckdb.connect()
        limit = os.environ.get("PLUMBLINE_MEMORY_LIMIT", "4GiB")
        self.connection.execute(f"set timezone = 'UTC'; set threads = 2; set memory_limit = {_text(limit)}")
        # A check writes nothing to the landing.
        if check:
            self.spill = Path(tempfile.mkdtemp(prefix="plumbline-land-"))
        else:
            self.spill = self.staging / "spill"
            self.spill.mkdir(parents=True)
        self.connection.execute(f"set temp_directory = {_text(str(self.spill))}")
        self.known = self._known()

    @property
    def call_id(self) -> str:
        """Moment and mapping."""
        return f"{self.landed_at:%Y%m%dT%H%M%S%f}-{self.mapping.digest[:8]}"

    @property
    def ledger(self) -> Path:
        """File of the lines that commit the call."""
        return self.landing / "_ledger" / f"landed_on={self.landed_on}" / f"{self.call_id}.parquet"

    def close(self) -> None:
        self.connection.close()
        shutil.rmtree(self.staging, ignore_errors=True)
        shutil.rmtree(self.spill, ignore_errors=True)

    def _known(self) -> dict[tuple[str, str], list[str]]:
        """Tables by (sha256 of the file, digest of the mapping) of every file that counts already."""
        if not list(self.landing.glob("_ledger/landed_on=*/*.parquet")):
            return {}
        rows = self.connection.execute(
            "select source_sha256, mapping_digest, list(distinct source_table) from read_parquet(?) group by all",
            [str(self.landing / "_ledger" / "landed_on=*" / "*.parquet")],
        ).fetchall()
        return {(digest, mapping): sorted(tables) for digest, mapping, tables in rows}

    def file(self, file: Path, progress: Progress) -> list[Outcome]:
        if not file.is_file():
            raise UnreadableFileError(f"{file}: no such file")
        digest = _sha256(file)
        known = self.known.get((digest, self.mapping.digest))
        if known is not None and not self.again:
            return [Outcome(file, table, 0, 1, 0, 0, already_landed=True) for table in known]
        try:
            rows_read = read_rows(self.connection, file, self.mapping.reading, progress)
            branches = self._branches(file)
            if isinstance(branches, str):
                return [Outcome(file, "none", rows_read, 1, 0, 0, left_alone=branches)]
            by_table: dict[str, list[Branch]] = {}
            for branch in branches:
                by_table.setdefault(branch.contract.name, []).append(branch)
            self.known[digest, self.mapping.digest] = sorted(by_table)
            return [self._table(file, digest, rows_read, of_table) for of_table in by_table.values()]
        except duckdb.Error as error:
            raise MappingError(f"{self.mapping.name}: {file}: {str(error).splitlines()[0]}") from None

    def _branches(self, file: Path) -> list[Branch] | str:
        """The mapping's branches for the columns of `raw_rows`."""
        columns = [row[0] for row in self.connection.execute("describe raw_rows").fetchall()]
        try:
            return self.mapping.fitting(columns)
        except MappingError as error:
            raise MappingError(f"{file}: {error}") from None

    def _table(self, file: Path, digest: str, rows_read: int, branches: list[Branch]) -> Outcome:
        contract = branches[0].contract
        self._type_rows(file, contract, branches)
        stem = f"{self.landed_at:%Y%m%dT%H%M%S%f}-{digest[:12]}-{self.mapping.digest[:8]}.land.parquet"
        place = Path(contract.source, contract.table, f"landed_on={self.landed_on}", stem)
        columns = ", ".join(f'"{name}"' for name in contract.column_names)
        stamp = f"{_text(self.mapping.source_system)} as _source_system"
        landed = self._write(
            f"select {columns}, {_text(file.name)} as _file, _line, {self._instant()} as _landed_at, {stamp} "
            "from typed_rows where _reasons is null order by _order",
            place,
        )
        rejected_place = Path("_rejected") / place
        rejected = self._write(
            f"select {_text(contract.name)} as source_table, {_text(file.name)} as source_file, _line, _raw as raw, "
            f"_reasons as reasons, {self._instant()} as _landed_at, {stamp} from "
            "(select _line, _raw, _reasons from typed_rows where _reasons is not null "
            f"union all select _line, _raw, _fault from raw_faults, range({len(branches)})) order by _line",
            rejected_place,
        )
        reasons = self.connection.execute(
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
        self.lines.append(
            (
                self.call_id, file.name, file.stat().st_size, digest, self.mapping.name, self.mapping.digest,
                contract.name, str(place) if landed else None, str(rejected_place) if rejected else None, rows_read,
                len(branches), landed, rejected, filtered, self.landed_on, self.landed_at,
            )
        )  # fmt: skip
        return Outcome(
            file, contract.name, rows_read, len(branches), landed, rejected, filtered, dict(reasons),
            proposals=proposals(self.connection, contract, self.seeds, self.landed_on) if self.seeds else [],
        )  # fmt: skip

    def _left_out(self, branch: Branch) -> int:
        """How many rows the branch's `where` leaves out, counted by themselves: what is lost elsewhere must show."""
        if not branch.where:
            return 0
        sql = f"select count(*) from raw_rows where ({branch.where}) is not true"
        counted = self.connection.execute(sql).fetchone()
        return int(counted[0]) if counted else 0

    def _instant(self) -> str:
        return f"timestamp '{self.landed_at:%Y-%m-%d %H:%M:%S.%f}'"

    def _type_rows(self, file: Path, contract: Contract, branches: list[Branch]) -> None:
        """Make `typed_rows`: the contract's columns, `_line`, `_order`, `_raw`, `_reasons` (what is not typed)."""
        present = [row[0] for row in self.connection.execute("describe raw_rows").fetchall() if row[0] != "_line"]
        raw = "to_json(struct_pack(" + ", ".join(f"{quoted(name)} := {quoted(name)}" for name in present) + "))"
        selects = []
        for number, branch in enumerate(branches):
            expressions = branch.expressions if branch.expressions is not None else _by_name(contract, present, file)
            self._bind(branch, expressions, file)
            values = ", ".join(f'({expressions.get(c.name, "null")}) as "{c.name}"' for c in contract.columns)
            order = f"row_number() over (order by {branch.order_by or '_line'})"
            where = f"where {branch.where}" if branch.where else ""
            selects.append(
                f"select {values}, _line, {number} * 1000000000000 + {order} as _order, {raw} as _raw"
                f" from raw_rows {where}"
            )
        types = {
            row[0]: row[1] for row in self.connection.execute(f"describe {' union all '.join(selects)}").fetchall()
        }
        typed = {c.name: self._cast(c, types[c.name]) for c in contract.columns}
        untyped = [
            f"""case when "{c.name}" is not null and {typed[c.name]} is null then 'untypeable_{c.name}' end"""
            for c in contract.columns
        ]
        self.connection.execute(
            f"""
            create or replace temp table typed_rows as
            select
                {", ".join(f'{sql} as "{name}"' for name, sql in typed.items())},
                _line, _order, nullif(concat_ws(',', {", ".join(untyped)}), '') as _reasons, _raw
            from ({" union all ".join(selects)})
            """
        )

    def _cast(self, column: Column, found: str) -> str:
        """A cast that gives null where it would fail, or would change the value (1.5 is no whole number)."""
        name, formats = f'"{column.name}"', self.mapping.reading.timestamp_formats
        if column.type in ("TIMESTAMP", "DATE") and found == "VARCHAR" and formats:
            listed = ", ".join(_text(item) for item in formats)
            return f"cast(try_strptime({name}, [{listed}]) as {column.type})"
        if column.type == "BIGINT":
            # A decimal tells large numbers apart and rounds small fractions away, a double the other way round.
            whole = f"try_cast({name} as bigint)"
            exact = f"try_cast({name} as decimal(38, 9)) = {whole} and try_cast({name} as double) = {whole}"
            return f"case when {exact} then try_cast({name} as bigint) end"
        if column.type in ("TIMESTAMP", "DATE"):
            # DuckDB knows years before 1 and after 9999, and infinity; nobody who reads the warehouse does.
            cast = f"try_cast({name} as {column.type})"
            last = "9999-12-31" if column.type == "DATE" else "9999-12-31 23:59:59.999999"
            return f"case when {cast} between {column.type} '0001-01-01' and {column.type} '{last}' then {cast} end"
        if column.type == "DOUBLE":
            # No measurement is infinite, and what is no number would make every sum that it enters none.
            return f"case when isfinite(try_cast({name} as double)) then try_cast({name} as double) end"
        return f"try_cast({name} as {column.type})"

    def _bind(self, branch: Branch, expressions: dict[str, str], file: Path) -> None:
        """Bind each expression to the file's columns before any of its rows is mapped."""
        clauses = {"where": branch.where, "order_by": branch.order_by}
        for column, expression in [*expressions.items(), *((k, v) for k, v in clauses.items() if v)]:
            try:
                self.connection.execute(f"describe select {expression} from raw_rows")
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise MappingError(f"{branch.at(column)}{column}: does not fit {file}: {reason}") from None

    def _write(self, query: str, place: Path) -> int:
        """Write rows to the staging folder; an empty file is no file."""
        counted = self.connection.execute(f"select count(*) from ({query})").fetchone()
        rows = int(counted[0]) if counted else 0
        if rows:
            staged = self.staging / place
            staged.parent.mkdir(parents=True, exist_ok=True)
            self.connection.execute(f"copy ({query}) to {_text(str(staged))} (format parquet, compression zstd)")
            self.moves.append((staged, self.landing / place))
        return rows

    def commit(self) -> None:
        """Move the Parquet into place, then the ledger: with that rename the call counts."""
        if not self.lines:
            return
        columns = ", ".join(f"{name} {kind}" for name, kind in LEDGER_COLUMNS.items())
        self.connection.execute(f"create temp table ledger ({columns})")
        self.connection.executemany(f"insert into ledger values ({', '.join('?' for _ in LEDGER_COLUMNS)})", self.lines)
        staged_ledger = self.staging / "ledger.parquet"
        self.connection.execute(f"copy ledger to {_text(str(staged_ledger))} (format parquet)")
        for staged, final in [*self.moves, (staged_ledger, self.ledger)]:
            final.parent.mkdir(parents=True, exist_ok=True)
            with staged.open("rb") as handle:
                os.fsync(handle.fileno())
            staged.replace(final)


def _by_name(contract: Contract, present: list[str], file: Path) -> dict[str, str]:
    missing = [c.name for c in contract.columns if not c.nullable and c.name not in present]
    if missing:
        raise MappingError(f"{file}: {contract.name} needs columns that the file has not: {', '.join(missing)}")
    return {name: f'"{name}"' for name in contract.column_names if name in present}


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
