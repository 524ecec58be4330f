"""docs/landing.md, made from the contract so that it cannot drift from what is read."""

from collections.abc import Iterable

from plumbline.landing.contract import Contract

_INTRODUCTION = """# The landing contract

Made by `plumbline docs` from `contracts/`; a test fails when it is out of date. dbt reads
`$PLUMBLINE_LANDING/<source>/<table>/landed_on=YYYY-MM-DD/*.parquet`, and nothing else.

- **Two ways in.** `plumbline land MAPPING FILE…` types other tools' CSV, JSON lines or Parquet by this contract; a
  pipeline may write Parquet there itself. Columns that it leaves out are null, and columns of other types are cast.
- **`landed_on`** is the day of arrival. The last one is the end of what is known.
- **Any order.** Files may arrive late, twice, or corrected: the row of a key that arrived last holds (by `landed_on`,
  `_landed_at`, file, row). The same content again is a duplicate; other content supersedes.
- **Impossible rows are quarantined**, also those whose event lies before 1990 or after 2199, or with a number beyond
  10^12 either way, and decisions made before their task entered the queue. Odd ones are flagged and kept, codes that
  nobody knows become `(unmapped)` and are checked again in each run. Every row of every
  file is rejected, left out by its mapping, quarantined, duplicate, superseded or staged.
- **Technical columns**, all optional in a pipeline's files: `_source_system` (varchar; without it the dbt variable
  `source_system`, or `pipeline`), `_landed_at` (timestamp, UTC), `_line` (bigint, the line in the file landed from).
- **Ids are unique across systems**; a mapping may prefix them.
- Text that is empty counts as missing in a column that is not nullable, and in any column of another type.

`personal` columns name people: they never leave staging but as salted hashes.

## What a build checks first

A build lists the landing once, before it writes anything, and reads that list: a file that arrives during a build waits
for the next one. It stops, names each file, and says what to do about it, where

- a file is **absent** or **not the file** that the ledger names or an earlier build read. The ledger keeps size and
  SHA-256 of what `land` wrote; the warehouse keeps them of every file that a build read. `plumbline land` brings back
  what is gone from its source; `plumbline build --full-refresh --accept-loss` goes on without it, and lists what goes;
- a file lies **where it would not be read**: outside `<source>/<table>/landed_on=YYYY-MM-DD/`, in a folder below the
  day (`hour=01/`), under another name of the day (`dt=`), in a table that is not in the contract, hidden (`.x`, `_x`),
  half written (`.tmp`, `.part`, `.inprogress`), with capitals in its ending (`.PARQUET`), or in another format. Markers
  without rows (`_SUCCESS`, `.x.crc`, `.DS_Store`, `.gitkeep`) may lie there, and what the variable
  `ignored_in_landing` names;
- a day of arrival is **no date**, or lies in the future by more than `landed_on_tolerance_days` (1: time zones);
- a file or folder **cannot be read**, or the ledger is damaged. The ledger lies in `_ledger/calls/ledger.parquet`, with
  a copy of the same lines in `_ledger/ledger.last_good.parquet`; the message says how to put the copy in its place;
- a `.land.parquet` is one that **the ledger does not name**. What a killed call of `land` moved is taken back by the
  next call or build, since the call wrote down what it would move;
- a column has **almost the name** of one of the contract that the file lacks (`taskId` for `task_id`), has one of
  staging's own names (`_landed_from`), or differs from another only by capitals. Columns that are not in the contract
  are not read, and a warning lists them.

**Later is later, whatever the clock says.** A call of `land` gets a moment after that of the last call, and without
`--landed-on` the day of the last arrival where today is before it. Builds are numbered alike. A clock that was
set back, or that stood still, makes no row older than the one it corrects.

## What a value means

The same at both doors. A value that cannot be typed is refused, with its column as the reason
(`untypeable_decided_at`): `land` rejects the row, and a pipeline's row is quarantined. [Why, with
numbers](decisions/reading.md).

- **Instants** are UTC. A text with an offset is converted: `Z`, `UTC`, `GMT`, or `±hh`, `±hhmm`, `±hh:mm` from -12:59
  to +14:59, a space before it or none, as in `2026-01-05 09:00:00-08`. Without one it is UTC. A name of a zone is
  refused, since the hour of one comes twice a year: `timezone('Europe/Paris', …)` in a mapping says what is meant. No
  setting of the machine or the session changes any of it.
- **Days** are `2026-01-05`, with or without a time. One whose offset makes it another day in UTC is refused.
- **Years before 1900 and after 9999** are refused: `5/1/26` is no day of year 5. The event of a row lies between 1990
  and 2199, or the row is quarantined.
- **Ids** (`id`, `uuid`, `…_id`) that went through a spreadsheet or a float are refused: `7.30123E+18`, floats that
  are not whole or beyond what a float tells apart, `NaN`, truth values. `12.0` as text is kept and counted as
  `flagged`.
- **Numbers** have an end, a whole one no fraction; a truth value is 0, 1, or a word for it.
- **Lists, structs and maps** are no value of any column. In JSON lines they are their JSON text, in the digits of the
  file.
- **Names of columns** match whatever their capitals; two that only capitals tell apart are refused.

## Mappings

`plumbline land MAPPING FILE… [--set PARAMETER=VALUE] [--read OPTION=VALUE]`. A mapping is a YAML file, shipped or of
one's own: `parameters`, `read`, `names`, `branches` (a `table`, an SQL expression per column or `by_name`, `where`,
`order_by`).

An expression sees the columns of its row and nothing else. It may hold functions, cases, casts, lambdas and windows. It
may hold no subquery, no table function, and no function whose value depends on chance, the session or the machine
(`random()`, `uuid()`, `current_setting()`): a file that lands again gives the same rows. A file is read before any
expression runs, in a database without access to files, network, extensions or environment variables.

`read`, or `--read` before it:

| option | |
|---|---|
| `format` | csv, jsonl or parquet; told by the ending (`.csv`, `.tsv`, `.tab`, `.jsonl`, `.ndjson`, `.parquet`) |
| `delimiter` | one character, or tab, comma, semicolon, pipe; a tab in `.tsv` and `.tab`, else a comma |
| `quote` | the quotation mark (`"`), or none |
| `escape` | how a quotation mark stands in a quoted text: `doubled`, `backslash` or `php` |
| `encoding` | utf-8-sig, latin-1, utf-16, … |
| `skip_initial_space` | true: spaces after a delimiter do not count |
| `null_values` | texts that are no value, several by repeating the option |
| `timestamp_formats` | how instants and days are written, in the words of strptime, several by repeating the option |
| `match` | `exact`, or `loose`: headers match whatever their case, spaces and punctuation |

With `escape: backslash`, as MySQL writes, a backslash before a quotation mark, a backslash or a line end is dropped.
With `escape: php` quotation marks are doubled, but not after a backslash, which stays.

A line that is no row (a quotation mark left open, fields too few or too many, no JSON object, a name twice in an
object) is rejected with its number and text, and the lines after it are read. Where a backslash and a quotation mark
before a delimiter may end a text or stand in it, the reading with the right number of fields holds; where several
have it, the row is rejected.

`names` gives a column the name that expressions use, whichever header it has had; what is missing is refused with the
nearest name that the file has. `words` are key words that change their spelling: a cell that says one loosely is read
as the word. The ledger (`_ledger`, column `form`) says which headers and spellings a file had.

```yaml
read: {match: loose}
names:
  market: {headers: [Market, Country], words: {all: [total, overall]}}
  surface: {optional: true}
```

No shipped mapping guesses: a code that it does not know lands as it is, is staged as `(unmapped)` where the contract
lists codes, and is counted in `mart_data_validation`.
"""


def landing_page(contracts: Iterable[Contract]) -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION]
    for contract in contracts:
        parts.append(f"\n## {contract.name}\n\n{contract.description}\n")
        parts.append(f"Key: {', '.join(f'`{name}`' for name in contract.key)}.")
        if contract.event:
            parts[-1] += f" Its day is that of `{contract.event}`."
        if contract.changed_at:
            dates = ", else ".join(f"`{name}`" for name in contract.changed_at)
            parts[-1] += f" Each version of a key holds from its {dates}, else its `landed_on`; the first reaches back."
        parts.append("\n| column | type | | |\n|---|---|---|---|")
        for column in contract.columns:
            notes = [note for note, on in (("nullable", column.nullable), ("personal", column.personal)) if on]
            codes = f" One of: {', '.join(column.values)}." if column.values else ""
            if column.known_in:
                codes = f" One of the seed `{column.known_in}`."
            if column.refers_to:
                codes = f" In the seed `{column.refers_to}`; what is not is kept, and counted as unmapped."
            parts.append(
                f"| {column.name} | {column.type.lower()} | {', '.join(notes)} | {column.description}{codes} |"
            )
        for title, rules in (("Impossible, so quarantined", contract.impossible), ("Odd, so flagged", contract.odd)):
            if rules:
                parts.append(f"\n{title}:\n")
                parts.extend(f"- `{rule.name}`: {rule.because} (`{rule.when.strip()}`)" for rule in rules)
    return "\n".join(parts) + "\n"


def landed_tables_macro(contracts: Iterable[Contract]) -> str:
    """The file macros/landing/landed_tables.sql."""
    pairs = "\n".join(f"        ('{contract.source}', '{contract.table}')," for contract in contracts)
    return f"""\
{{# The landed tables: dbt draws its graph before it reads a contract. Written by `plumbline docs` from contracts/. #}}
{{% macro landed_tables() %}}
    {{{{ return([
{pairs}
    ]) }}}}
{{% endmacro %}}
"""
