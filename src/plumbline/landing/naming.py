"""Which column of a file a mapping means: publishers change headers and key words from one report to the next."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from plumbline.landing.casts import literal
from plumbline.landing.mapping import Mapping, MappingError, Name

# Letters and digits, by which a header or key word is the same whatever its case, spaces and punctuation.
_LOOSE_SQL = r"regexp_replace(lower(cast({} as varchar)), '[^\pL\pN]+', '', 'g')"


@dataclass
class Naming:
    """The columns of one file under the names that expressions use.

    `columns`: SQL of each by its name, the file's own among them. `spellings`: SQL of the forms that key words have,
    with the word, for each column that has any. `form`: headers that are not the first of their name.
    """

    columns: dict[str, str] = field(default_factory=dict)
    spellings: list[str] = field(default_factory=list)
    form: list[str] = field(default_factory=list)


def named(mapping: Mapping, present: Sequence[str]) -> Naming:
    """Name the columns `present` in a file.

    Raises:
        MappingError: when a column that the mapping names is not there, or is there twice.
    """
    is_loose = mapping.reading.match == "loose"
    names = dict(mapping.names)
    for branch in mapping.branches if is_loose else ():
        for column in branch.contract.column_names if branch.expressions is None else ():
            names.setdefault(column, Name((column,), is_optional=True))
    found, missing = Naming(), []
    used = set()
    for name, wanted in names.items():
        keys = {loosely(header) if is_loose else header for header in wanted.headers}
        headers = [header for header in present if (loosely(header) if is_loose else header) in keys]
        if len(headers) > 1:
            raise MappingError(f"columns {' and '.join(map(repr, headers))} are both {name}; keep one of them")
        if not headers:
            missing += [] if wanted.is_optional else [f"{wanted.headers[0]}{nearest(wanted.headers, present)}"]
            found.columns[name] = "cast(null as varchar)"
            continue
        (header,) = headers
        used.add(header)
        raw = '"' + header.replace('"', '""') + '"'
        if header != wanted.headers[0]:
            found.form.append(f"{header} for {wanted.headers[0]}")
        found.columns[name] = _in_words(raw, wanted)
        found.spellings += [
            f"select distinct {literal(header)} as header, cast({raw} as varchar) as spelling, {literal(word)} as word"
            f" from raw_rows where {_LOOSE_SQL.format(raw)} in ({_keys(word, others)}) and {raw} <> {literal(word)}"
            for word, others in wanted.words
        ]
    if missing:
        raise MappingError(f"the file has no column {', '.join(missing)}")
    taken = {name.lower() for name in names}
    for header in present:
        if header not in used and header.lower() not in taken:
            found.columns[header] = '"' + header.replace('"', '""') + '"'
    return found


def nearest(wanted: Iterable[str], present: Sequence[str]) -> str:
    """The name among `present` that is most like one of `wanted`, as the end of a sentence; empty where none is."""
    by_key = {loosely(name): name for name in present}
    for name in wanted:
        for key in difflib.get_close_matches(loosely(name), by_key, n=1):
            return f" (the nearest is {by_key[key]!r})"
    return ""


def nearest_or_all(wanted: str, present: Sequence[str]) -> str:
    """The name that is most like `wanted`, else the first twelve that there are, as the end of a sentence."""
    listed = ", ".join(present[:12]) + (" …" if len(present) > 12 else "")
    return nearest([wanted], present) or f" (there are {listed})"


def loosely(text: str) -> str:
    """What two spellings of a name have in common."""
    return re.sub(r"[\W_]+", "", text.lower())


def _in_words(raw: str, wanted: Name) -> str:
    if not wanted.words:
        return raw
    key = _LOOSE_SQL.format(raw)
    cases = " ".join(f"when {key} in ({_keys(word, others)}) then {literal(word)}" for word, others in wanted.words)
    return f"case {cases} else cast({raw} as varchar) end"


def _keys(word: str, others: Iterable[str]) -> str:
    return ", ".join(sorted({literal(loosely(text)) for text in (word, *others)}))
