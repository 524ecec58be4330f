"""Reads a file of rows into a table of texts, with the line that each row stands on; what is no row is set aside."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from plumbline.landing.delimited import Progress, delimited_rows, delimiter_of
from plumbline.landing.mapping import DELIMITERS, Reading
from plumbline.landing.paths import pattern

# Rows, and bytes, that are held before they go to the table.
CHUNK, CHUNK_BYTES = 20_000, 64_000_000
# What a cell takes beside its characters: a text of Python, and the references of a row and of a frame to it.
CELL = 72
# What this process takes beside DuckDB: Python, its libraries and the rows held, once as lists and once as a frame.
BESIDE_ENGINE = 256 << 20
UNITS = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 1 << 10,
    "mi": 1 << 20,
    "gi": 1 << 30,
    "ti": 1 << 40,
}
# No tool exports as many; each JSON line may bring names of its own, and every row has a cell for every name.
MOST_COLUMNS = 2_000
LINE, RAW, FAULT = "_line", "_raw", "_fault"


class UnreadableFileError(ValueError):
    """A file of which nothing can be landed; the message names it and says what to do."""


def limit_of_engine(limit: str) -> str:
    """What DuckDB may take of a memory limit, so that the whole process stays within it; of one that is less than this
    needs, half. A limit in other words than sizes, such as a share of the machine, is DuckDB's alone."""
    size = re.fullmatch(r"([\d.]+)\s*([kmgt]?i?)b?", limit.strip().lower())
    if not size:
        return limit
    given = int(float(size[1]) * UNITS[size[2]])
    return f"{max(given - BESIDE_ENGINE, given // 2)}B"


def read_rows(
    connection: duckdb.DuckDBPyConnection, file: Path, reading: Reading, progress: Progress = lambda done, total: None
) -> int:
    """Fill the temporary tables `raw_rows` (columns of the file as text, `_line`) and `raw_faults` (`_line`, `_raw`,
    `_fault`); return the number of rows read, faults included.

    Raises:
        UnreadableFileError: when the file is absent, empty of a header, in another encoding or no such format.
    """
    if not file.is_file():
        raise UnreadableFileError(f"{file}: no such file")
    kind = reading.format or {
        ".csv": "csv",
        ".tsv": "csv",
        ".tab": "csv",
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".parquet": "parquet",
    }.get(file.suffix.lower())
    connection.execute("set pandas_analyze_sample = 0")
    connection.execute("create or replace temp table raw_faults (_line bigint, _raw varchar, _fault varchar)")
    if kind == "parquet":
        return _read_parquet(connection, file)
    if kind not in ("csv", "jsonl"):
        raise UnreadableFileError(
            f"{file}: cannot tell its format from its name; set read.format in the mapping, or give --read format=csv"
        )
    rows = delimited_rows(file, reading, progress) if kind == "csv" else _jsonl_rows(file, progress)
    try:
        return _fill(connection, rows, set(reading.null_values))
    except UnicodeDecodeError:
        line = _first_line_not_in(file, reading.encoding)
        raise UnreadableFileError(
            f"{file}: not {reading.encoding}{f' on line {line}' if line else ''}; set read.encoding in the mapping, or"
            " give --read encoding=latin-1"
        ) from None
    except UnreadableFileError:
        raise
    except ValueError as error:
        raise UnreadableFileError(f"{file}: {error}") from None


def _fill(connection: duckdb.DuckDBPyConnection, rows: Iterator[tuple[int, Any, str | None]], nulls: set[str]) -> int:
    """The first item of `rows` is the header; then come (line, fields, fault)."""
    _, header, _ = next(rows)
    _check_header(header)
    names = [*header, LINE]
    declared = ", ".join(f"{quoted(name)} varchar" for name in header)
    connection.execute(f"create or replace temp table raw_rows ({declared}, _line bigint)")
    total, held = 0, 0
    good: list[Any] = []
    faults: list[Any] = []
    for line, cells, fault in rows:
        total += 1
        held += len(cells) if isinstance(cells, str) else sum(CELL + len(cell or "") for cell in cells)
        if fault:
            faults.append((line, json.dumps(cells), fault))
        else:
            good.append([None if cell is None or cell in nulls else cell for cell in cells] + [line])
        if len(good) + len(faults) >= CHUNK or held >= CHUNK_BYTES:
            _insert(connection, "raw_rows", good, names)
            _insert(connection, "raw_faults", faults, [LINE, RAW, FAULT])
            good, faults, held = [], [], 0
    _insert(connection, "raw_rows", good, names)
    _insert(connection, "raw_faults", faults, [LINE, RAW, FAULT])
    return total


def _first_line_not_in(file: Path, encoding: str) -> int | None:
    """The first line that is not in `encoding`; none where lines cannot be told apart, as in UTF-16."""
    if "16" in encoding or "32" in encoding:
        return None
    with file.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            try:
                raw.decode(encoding)
            except UnicodeDecodeError:
                return number
    return None


def _check_header(header: list[str]) -> None:
    """Raise a ValueError that names the column that DuckDB could not hold beside the others."""
    if len(header) > MOST_COLUMNS:
        raise ValueError(f"more than {MOST_COLUMNS:,} columns, beginning with {header[0]!r}; is this the right file?")
    seen: dict[str, str] = {}
    for number, name in enumerate(header, start=1):
        if not name:
            raise ValueError(f"column {number} has no name in the header; name it, or drop it")
        if "\0" in name:
            raise ValueError(f"column {name!r}: a name may not hold the character NUL; rename it")
        if name.lower() == LINE:
            raise ValueError(f"column {name!r}: this name is taken for the line of the row; rename it")
        if name.lower() in seen:
            raise ValueError(f"columns {seen[name.lower()]!r} and {name!r} have one name; name each column once")
        seen[name.lower()] = name


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[Any], names: Iterable[str]) -> None:
    if rows:
        chunk = pd.DataFrame(rows, columns=list(names), dtype=object)
        connection.register("chunk", chunk.astype({LINE: "int64"}))
        connection.execute(f"insert into {table} select * from chunk")
        connection.unregister("chunk")


def quoted(name: str) -> str:
    """A name of a file's own as SQL: whatever it says, it stays a name."""
    return '"' + name.replace('"', '""') + '"'


def delimiter_hint(file: Path, columns: Iterable[str], reading: Reading) -> str:
    """What to say to someone whose columns are not there, where the header looks divided by another delimiter."""
    header, used = list(columns), delimiter_of(file, reading)
    for name, mark in DELIMITERS.items():
        if mark != used and sum(column.count(mark) for column in header) >= len(header) > 0:
            return f"; are its columns divided by {name}? give --read delimiter={name}"
    return ""


def _jsonl_rows(file: Path, progress: Progress) -> Iterator[tuple[int, Any, str | None]]:
    size = file.stat().st_size
    names = _jsonl_names(file)
    if not names:
        raise UnreadableFileError(f"{file}: no JSON object in it; expected one a line")
    yield 0, names, None
    done = 0
    with file.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            done += len(raw)
            if raw.strip():
                record, fault = _json_object(raw)
                try:
                    cells = [_json_text(record.get(name)) for name in names]
                except RecursionError:
                    fault = "no JSON object"
                yield (number, raw.decode(errors="replace"), fault) if fault else (number, cells, None)
            if number % CHUNK == 0:
                progress(done, size)


def _jsonl_names(file: Path) -> list[str]:
    names: dict[str, None] = {}
    with file.open("rb") as stream:
        for number, raw in enumerate(stream, start=1):
            record, fault = _json_object(raw)
            names.update(() if fault else dict.fromkeys(record))
            if len(names) > MOST_COLUMNS:
                raise UnreadableFileError(
                    f"{file}, line {number}: more than {MOST_COLUMNS:,} names in all by now; are they values that were"
                    " written as names?"
                )
    return list(names)


class _Number(str):
    """A number of JSON in the digits that the file has: none of them is lost, and an id stays what it was."""


class _TwiceError(ValueError):
    """An object that has a name twice: readers differ over which value holds."""


def _no_number(text: str) -> Any:
    """NaN, Infinity and -Infinity are no JSON (RFC 8259, section 6), though Python and others write them."""
    raise ValueError(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _TwiceError
    return found


_DECODER = json.JSONDecoder(
    parse_float=_Number, parse_int=_Number, parse_constant=_no_number, object_pairs_hook=_object
)


def _json_object(raw: bytes) -> tuple[dict[str, Any], str | None]:
    """The object on a line; or an empty one, and why there is none."""
    try:
        value = _DECODER.decode(raw.decode("utf-8-sig"))
    except _TwiceError:
        return {}, "a name is there twice"
    except (ValueError, RecursionError):
        return {}, "no JSON object"
    if not isinstance(value, dict):
        return {}, "no JSON object"
    # An escape may spell half of a character, which no text can hold.
    if b"\\u" in raw and not _is_unicode(value):
        return {}, "half a surrogate pair"
    return value, None


def _is_unicode(record: dict[str, Any]) -> bool:
    try:
        json.dumps(record, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _json_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else _written(value)


def _written(value: Any) -> str:
    """JSON of a value, numbers in the digits that they came in."""
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_written(name)}: {_written(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _read_parquet(connection: duckdb.DuckDBPyConnection, file: Path) -> int:
    try:
        described = connection.execute("describe from read_parquet(?)", [pattern(file)]).fetchall()
        _check_header([name for name, *_ in described])
        # Numbered by the order of rows: a file may have a column that is called file_row_number.
        connection.execute(
            "create or replace temp table raw_rows as select *, row_number() over () as _line from read_parquet(?)",
            [pattern(file)],
        )
    except duckdb.Error as error:
        raise UnreadableFileError(f"{file}: not readable as Parquet: {str(error).splitlines()[0]}") from None
    except ValueError as error:
        raise UnreadableFileError(f"{file}: {error}") from None
    counted = connection.execute("select count(*) from raw_rows").fetchone()
    return int(counted[0]) if counted else 0
