"""SQL that types values by the landing contract, or gives null where it cannot.

macros/landing/casts.sql is its twin for Parquet that a pipeline landed; a test holds the two together.
"""

from plumbline.landing.contract import Column

# What a text instant looks like: day, time, offset. DuckDB reads more (`epoch`, names of zones, year 5), which nobody
# means; an offset is one that clocks have.
_HOURS = r"(?::?[0-5][0-9])?"
INSTANT = (
    r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(?:[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
    rf"(?: ?(?:Z|z|UTC|GMT|\+(?:0[0-9]|1[0-4]){_HOURS}|-(?:0[0-9]|1[0-2]){_HOURS}))?)?"
)
# An id that went through a spreadsheet or a float has lost its digits; these are what is left of it, or of none.
BROKEN_ID = r"NaN|[Tt]rue|TRUE|[Ff]alse|FALSE|-?[0-9](?:\.[0-9]+)?[eE]\+[0-9]+|-?[0-9]\.[0-9]+[eE]-?[0-9]+"
# Whole numbers up to here are told apart by a double, and by a float.
EXACT = {"DOUBLE": 2**53, "FLOAT": 2**24}
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


def is_id(name: str) -> bool:
    """Whether a column of this name holds ids."""
    return name in ("id", "uuid") or name.endswith("_id")


def given(column: Column, raw: str, found: str) -> str:
    """SQL of what stands in `raw`: a blank text is no value, but in a column of texts."""
    return f"nullif(trim({raw}), '')" if found == "VARCHAR" and column.type != "VARCHAR" else raw


def cast(column: Column, raw: str, found: str, formats: tuple[str, ...] = ()) -> str:
    """SQL of `raw`, an expression of DuckDB's type `found`, as the column's type: null where that would fail, or change
    the value (1.5 is no whole number), or give one that nobody means (year 5, infinity).

    `raw` is as `given` makes it. `formats`: how instants and days are written, in the words of strptime; else as in
    INSTANT.
    """
    if found.endswith("]") or found.startswith(("STRUCT", "MAP", "UNION")):
        return f"cast(null as {column.type})"
    if column.type in ("TIMESTAMP", "DATE"):
        return _in_range(_instant(column.type, raw, found, formats), column.type)
    if column.type == "VARCHAR":
        return _text(column.name, raw, found)
    if column.type == "BIGINT":
        # A decimal tells large numbers apart and rounds small fractions away, a double the other way round.
        whole = f"try_cast({raw} as bigint)"
        exact = f"try_cast({raw} as decimal(38, 9)) = {whole} and try_cast({raw} as double) = {whole}"
        return f"case when {exact} then {whole} end"
    if column.type == "DOUBLE":
        # No measurement is infinite, and what is no number would make every sum that it enters none.
        return f"case when isfinite(try_cast({raw} as double)) then try_cast({raw} as double) end"
    if column.type == "BOOLEAN" and (found in NUMBERS or found in EXACT or found.startswith("DECIMAL")):
        return f"case when {raw} in (0, 1) then {raw} = 1 end"
    return f"try_cast({raw} as {column.type})"


def _in_range(value: str, kind: str) -> str:
    """`value` if it lies in years that calendars and people use: a year 5 is a day that was written the other way."""
    last = "9999-12-31" if kind == "DATE" else "9999-12-31 23:59:59.999999"
    return f"case when {value} between {kind} '1900-01-01' and {kind} '{last}' then {value} end"


def _instant(kind: str, raw: str, found: str, formats: tuple[str, ...]) -> str:
    if found == "TIMESTAMP WITH TIME ZONE":
        return f"cast(timezone('UTC', {raw}) as {kind})"
    if found != "VARCHAR":
        return f"try_cast({raw} as {kind})"
    if formats:
        # Of a day with an offset nobody can tell here whether it is another day in UTC.
        usable = [item for item in formats if kind == "TIMESTAMP" or "%z" not in item.lower()]
        listed = ", ".join(literal(item) for item in usable)
        return f"cast(try_strptime({raw}, [{listed}]) as {kind})" if usable else f"cast(null as {kind})"
    return text_instant(raw) if kind == "TIMESTAMP" else text_day(raw)


def text_instant(raw: str) -> str:
    """SQL of the UTC instant that a text says.

    A cast to TIMESTAMP drops the offset (duckdb/duckdb#18767), one to TIMESTAMPTZ depends on the session, one to
    TIMESTAMP_NS does neither. It does not know a space before the offset, an offset after minutes, a comma, or years
    beyond 2262; those come after, and cost only the texts that need them.
    """
    bare = f"regexp_replace(replace({raw}, ',', '.'), ' ?(?:Z|z|UTC|GMT|([+-][0-9:]+))$', '\\1')"
    whole = f"regexp_replace({bare}, '([T ][0-9]{{1,2}}:[0-9]{{2}})([+-])', '\\1:00\\2')"
    return (
        f"case when regexp_full_match({raw}, '{INSTANT}') then coalesce("
        f"cast(try_cast({raw} as timestamp_ns) as timestamp), cast(try_cast({whole} as timestamp_ns) as timestamp), "
        f"case when {raw} not like '%:%+%' and {raw} not like '%:%-%' then try_cast({raw} as timestamp) end) end"
    )


def text_day(raw: str) -> str:
    """SQL of the day that a text says; none where its offset makes it another day in UTC: either might be meant."""
    return f"case when try_cast({raw} as date) = cast({text_instant(raw)} as date) then try_cast({raw} as date) end"


def _text(name: str, raw: str, found: str) -> str:
    if is_id(name):
        if found == "VARCHAR":
            return f"case when not regexp_full_match({raw}, '{BROKEN_ID}') then {raw} end"
        if found == "BOOLEAN":
            return "cast(null as varchar)"
        if found in EXACT:
            whole = f"{raw} = trunc({raw}) and abs({raw}) < {EXACT[found]}"
            return f"case when {whole} then cast(try_cast({raw} as bigint) as varchar) end"
        if found.startswith("DECIMAL"):
            return f"case when {raw} = trunc({raw}) then cast(try_cast({raw} as hugeint) as varchar) end"
    if found in EXACT:
        return f"case when isfinite({raw}) then cast({raw} as varchar) end"
    return f"try_cast({raw} as varchar)"


def literal(value: str) -> str:
    """A text as SQL."""
    return "'" + value.replace("'", "''") + "'"
