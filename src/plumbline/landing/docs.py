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
  10^12 either way; odd ones are flagged and kept, codes that nobody knows become `(unmapped)` and are judged anew in
  each run. Every row of every file is rejected, left out by its mapping, quarantined, duplicate, superseded or staged.
- **Technical columns**, all optional in a pipeline's files: `_source_system` (varchar; without it the dbt variable
  `source_system`, or `pipeline`), `_landed_at` (timestamp, UTC), `_line` (bigint, the line in the file landed from).
- **Ids are unique across systems**; a mapping may prefix them. Timestamps are UTC.
- Text that is empty counts as missing in a column that is not nullable, and in any column of another type.

`personal` columns name people: they never leave staging but as salted hashes.
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
