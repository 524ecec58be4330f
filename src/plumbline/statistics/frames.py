"""What every function checks of its input, so that bad input is one kind of error with one kind of message."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]


def require_columns(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise ValueError naming the columns that `frame` has not, and those it has."""
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ValueError(f"missing columns: {', '.join(missing)}; there are: {', '.join(map(str, frame.columns))}")


def check_confidence(confidence: float) -> float:
    """`confidence` if it lies strictly between 0 and 1, else ValueError."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    return confidence


def numbers(values: object, name: str) -> Array:
    """`values` as floats; ValueError where one is missing, infinite or no number."""
    array = pd.to_numeric(pd.Series(np.ravel(np.asarray(values, dtype=object))), errors="coerce").to_numpy(float)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers, none missing")
    return array


def counts(values: object, name: str) -> Array:
    """`values` as counts: finite and not negative, whole or not (weights count too), else ValueError."""
    array = pd.to_numeric(pd.Series(np.ravel(np.asarray(values, dtype=object))), errors="coerce").to_numpy(float)
    if not np.isfinite(array).all() or (array < 0).any():
        raise ValueError(f"{name} must hold counts, not negative and not missing")
    return array


def probabilities(values: object, name: str) -> Array:
    """`values` as probabilities in (0, 1], else ValueError."""
    array = numbers(values, name)
    if ((array <= 0) | (array > 1)).any():
        raise ValueError(f"{name} must hold probabilities above 0 and at most 1")
    return array


def trials(successes: object, n: object) -> tuple[Array, Array]:
    """Successes and the trials they are of, one for one, else ValueError; rounding apart, never more than these."""
    hits, size = counts(successes, "successes"), counts(n, "n")
    if len(hits) != len(size):
        raise ValueError(f"{len(hits)} numbers of successes and {len(size)} of trials")
    if (hits > size * (1 + 1e-12)).any():
        raise ValueError("there are more successes than trials")
    return np.minimum(hits, size), size


def none_for_missing(reasons: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of texts, None where there is none: what pandas would make a missing number."""
    return pd.Series([text if isinstance(text, str) else None for text in reasons], index=reasons.index, dtype=object)


def with_reason(rows: list[dict[Any, Any]], columns: list[str]) -> pd.DataFrame:
    """Rows as a frame of these columns: numbers, but for names of groups and the reason."""
    frame = pd.DataFrame(rows, columns=columns)
    names = {"group", "group_1", "group_2", "reason"}
    frame = frame.astype({name: float for name in columns if name not in names})
    return frame.assign(reason=none_for_missing(frame["reason"]))
