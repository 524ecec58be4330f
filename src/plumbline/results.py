"""What Python models give back: the same columns of the same types whatever came in, in digits that can be trusted."""

from collections.abc import Mapping

import pandas as pd

TYPES = {"text": "string", "number": "float64", "count": "int64", "day": "datetime64[us]"}
# Digits after the point: sums of floats differ in the sixteenth, iterative fits in the tenth.
DIGITS = 12


def typed(frame: pd.DataFrame, columns: Mapping[str, str], *, digits: int = DIGITS) -> pd.DataFrame:
    """The named columns of a frame, each a text, number, count or day, with or without rows.

    Args:
        frame: What was computed; a column that it has not is added, all missing.
        columns: Kind of each column, in order.
        digits: Numbers are rounded to so many after the point.

    Returns:
        The columns in that order.

    Raises:
        KeyError: for another kind.
        ValueError: for values that are not of their kind, a missing count among them.
    """
    found = frame.reindex(columns=list(columns)).astype({name: TYPES[kind] for name, kind in columns.items()})
    return found.round({name: digits for name, kind in columns.items() if kind == "number"})
