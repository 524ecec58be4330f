"""Rows of delimited text, one after the other: what is no row is set aside with its line, and the rest is read."""

import csv
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from plumbline.landing.mapping import Reading

Progress = Callable[[int, int], None]
Row = tuple[int, Any, str | None]
# Reads a line as `csv` does: every quotation mark inside a quoted text is doubled.
Rewrite = Callable[[str], str]

# Lines of one record. A quotation mark that is left open ends here, and the rows that it swallowed are read.
MOST_LINES = 50_000
# Readings of one record that are tried out: each doubtful quotation mark doubles them.
MOST_READINGS = 256
PROGRESS_EVERY = 20_000


class HeaderError(ValueError):
    """A first line that names no columns."""


def delimiter_of(file: Path, reading: Reading) -> str:
    """The delimiter that was given, or that the file's ending tells."""
    return reading.delimiter or ("\t" if file.suffix.lower() in (".tsv", ".tab") else ",")


def delimited_rows(file: Path, reading: Reading, progress: Progress) -> Iterator[Row]:
    """The header as row 1, then (line, fields, None) for each row, or (line, what it says, why it is none).

    Raises:
        HeaderError: when the first line names no columns.
        UnicodeDecodeError: when the file is in another encoding.
    """
    csv.field_size_limit(1 << 30)
    size = file.stat().st_size
    with file.open(encoding=reading.encoding, newline="") as stream:
        records = _Records(stream, reading, delimiter_of(file, reading))
        line, header, fault = next(records.rows(None), (1, [], None))
        if fault:
            raise HeaderError(f"line {line}: {fault}")
        if not header:
            raise HeaderError("empty; expected a line of column names")
        header = [name.strip() for name in header]
        yield 1, header, None
        for number, row in enumerate(records.rows(len(header))):
            if row[1]:
                yield row
            if number % PROGRESS_EVERY == 0:
                progress(stream.buffer.tell(), size)  # type: ignore[attr-defined]


class _Records:
    """Records of a stream; its lines are held until what they say is settled, so that they can be read again."""

    def __init__(self, stream: TextIO, reading: Reading, delimiter: str) -> None:
        self.stream = stream
        self.escape, self.quote = reading.escape, reading.quote
        self.options: dict[str, Any] = {
            "delimiter": delimiter,
            "skipinitialspace": reading.skip_initial_space,
            # So that a quotation mark left open is an error and does not swallow the rest of the file.
            "strict": True,
        }
        if self.quote == "none":
            self.options["quoting"] = csv.QUOTE_NONE
            self.escape = "doubled"
        else:
            self.options["quotechar"] = self.quote
        quote = re.escape(self.quote)
        self.escaped = re.compile(rf"\\({quote}|\\|\r?\n|\r)")
        self.after_backslash = re.compile(rf"\\{quote}(?P<end>(?={re.escape(delimiter)}|[\r\n]|$))?")
        self.mark = f"\\{self.quote}"
        self.held: list[str] = []
        # Of the lines held: where the record at hand begins, and the first that `csv` has not had; then the number of
        # the record's first line, and whether a quotation mark in it may be read in two ways.
        self.begin, self.given, self.line, self.is_doubtful = 0, 0, 1, False

    def rows(self, width: int | None) -> Iterator[Row]:
        """Rows from here on; `width` is the number of fields that each should have, if that is known."""
        held = self.held
        while True:
            cells, fault = [], None
            try:
                for cells in csv.reader(self._lines(), **self.options):
                    if self.is_doubtful or (len(cells) != width and cells and width is not None):
                        break
                    first, count = self.line, self.given - self.begin
                    self.line = first + count
                    if self.given == len(held):
                        held.clear()
                        self.begin = self.given = 0
                    else:
                        self.begin = self.given
                    yield first, cells, None
                else:
                    return
            except csv.Error as error:
                cells, fault = [], self._no_csv(error)
            yield self._broken_or_doubtful(cells, fault, width)

    def _broken_or_doubtful(self, cells: list[str], fault: str | None, width: int | None) -> Row:
        """The record at hand, of which `csv` made `cells`, or nothing because of `fault`."""
        text: list[str] | None = cells if fault is None else None
        count = self.given - self.begin
        if self.is_doubtful and width is not None:
            text, count, fault = self._settled(width, count)
        elif fault is not None or len(cells) != width is not None:
            fault = fault or f"ragged: {len(cells)} fields, expected {width}"
            whole = self._first_whole_row(count, width)
            text, count = (text if whole == count else None), whole
        row: Row = (self.line, text if text is not None else "".join(self._of(count)).rstrip("\r\n"), fault)
        self._drop(count)
        return row

    def _lines(self) -> Iterator[str]:
        """Lines that are not settled yet, as `csv` understands them; each is held."""
        held, readline = self.held, self.stream.readline
        while True:
            if self.given == len(held):
                line = readline()
                if not line:
                    return
                held.append(line)
            else:
                line = held[self.given]
            self.given += 1
            if "\\" in line:
                self.is_doubtful = self.is_doubtful or (self.escape == "php" and self.mark in line)
                line = self._rewritten(line)
            if self.given - self.begin > MOST_LINES:
                raise csv.Error("unexpected end of data")
            yield line

    def _lines_from(self, start: int, rewrite: Rewrite) -> Iterator[str]:
        """Lines from `start` of those held on, read ahead where a record needs more."""
        for index in range(self.begin + start, self.begin + MOST_LINES):
            if index == len(self.held):
                line = self.stream.readline()
                if not line:
                    return
                self.held.append(line)
            yield rewrite(self.held[index])

    def _record(self, start: int, rewrite: Rewrite) -> tuple[list[str] | None, int]:
        """The record that begins at the held line `start`, and its number of lines; none where it is broken."""
        reader = csv.reader(self._lines_from(start, rewrite), **self.options)
        try:
            return next(reader, None), reader.line_num
        except csv.Error:
            return None, reader.line_num

    def _first_whole_row(self, count: int, width: int | None) -> int:
        """How many of `count` lines go before the first that begins a row of `width` fields; all where none does."""
        for start in range(1, count):
            cells, _ = self._record(start, self._rewritten)
            if cells and width in (None, len(cells)):
                return start
        return count

    def _rewritten(self, line: str) -> str:
        if self.escape == "backslash":
            return self.escaped.sub(lambda found: found[1] * 2 if found[1] == self.quote else found[1], line)
        return self._php(line, iter(())) if self.escape == "php" else line

    def _php(self, line: str, stands: Iterator[bool]) -> str:
        """PHP doubles a quotation mark, but not after a backslash.

        One before a delimiter may also end a text whose last character is a backslash: `stands` says of each whether it
        stands in the text; else it ends it.
        """

        def doubled(found: re.Match[str]) -> str:
            is_text = next(stands, False) if found["end"] is not None else True
            return found[0] + self.quote if is_text else found[0]

        return self.after_backslash.sub(doubled, line)

    def _readings(self) -> Iterator[tuple[list[str] | None, int]]:
        """Every reading of the record at hand: with each mark doubled, and as PHP writes it, by what each doubtful mark
        is. A mark that ends a text may end the record, so that those behind it are known only once it does not."""
        yield self._record(0, lambda line: line)
        waiting: list[tuple[bool, ...]] = [()]
        while waiting:
            choice = waiting.pop()
            asked = itertools.count()
            stands = (known for known, _ in zip(itertools.chain(choice, itertools.repeat(False)), asked, strict=False))
            yield self._record(0, lambda line, stands=stands: self._php(line, stands))  # type: ignore[misc]
            rest = range(next(asked) - len(choice))
            waiting += [(*choice, *[False] * number, True) for number in rest]

    def _settled(self, width: int, count: int) -> tuple[Any, int, str | None]:
        """The one reading of the record at hand that has `width` fields.

        Returns its fields and number of lines; or none, the lines that it may have, and why. `count` is their number as
        `csv` takes them.
        """
        found: list[tuple[list[str], int]] = []
        for number, (cells, lines) in enumerate(self._readings()):
            if number == MOST_READINGS:
                return None, count, f"ambiguous: {self.mark} before a delimiter more often than can be tried out"
            if cells is not None and len(cells) == width and (cells, lines) not in found:
                found.append((cells, lines))
        if len(found) == 1:
            return *found[0], None
        if found:
            lines = max(lines for _, lines in found)
            return None, lines, f"ambiguous: {self.mark} before a delimiter ends a field, or stands in it"
        lines = self._first_whole_row(count, width)
        return None, lines, f"not CSV: no reading of {self.mark} makes {width} fields"

    def _no_csv(self, error: csv.Error) -> str:
        reason = "a quotation mark is left open" if "unexpected end of data" in str(error) else str(error)
        hint = f"; is {self.mark} a quotation mark? set read.escape to backslash or php"
        is_escaped = self.escape == "doubled" and any(self.mark in line for line in self._of(self.given - self.begin))
        return f"not CSV: {reason}{hint if is_escaped else ''}"

    def _of(self, count: int) -> list[str]:
        return self.held[self.begin : self.begin + count]

    def _drop(self, count: int) -> None:
        self.line += count
        self.begin += count
        if self.begin == len(self.held) or self.begin > MOST_LINES:
            del self.held[: self.begin]
            self.begin = 0
        self.given, self.is_doubtful = self.begin, False
