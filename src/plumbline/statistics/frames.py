"""What every function checks of its input, so that bad input is one kind of error with one kind of message."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]


def require_columns(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    """Raise ValueError naming the columns that `frame` lacks, and those it has; or one that it has twice."""
    wanted = list(dict.fromkeys(columns))
    missing = [name for name in wanted if name not in frame.columns]
    if missing:
        raise ValueError(
            f"missing columns: {', '.join(map(str, missing))}; there are: {', '.join(map(str, frame.columns))}"
        )
    twice = frame.columns[frame.columns.duplicated()].intersection(wanted)
    if len(twice):
        raise ValueError(f"two columns are named {', '.join(map(str, twice))}: leave one of each")


def named(column: str, parameter: str) -> str:
    """What errors call a column: by its name, and by the parameter that asked for it where that differs."""
    return f"column {column}" if column == parameter else f"column {column} ({parameter})"


def require_keys(frame: pd.DataFrame, *, unique: bool = False, **keys: str | None) -> None:
    """Raise ValueError unless every row says which group, item, cluster and so on it belongs to.

    Missing is what pandas takes for missing, and a text that is empty or blank.

    Args:
        frame: Any.
        unique: Whether one row alone may have the same values of all `keys`.
        keys: The column of each key, by the name of the function's parameter; None where the caller asked for none.
    """
    given = {parameter: column for parameter, column in keys.items() if column is not None}
    require_columns(frame, given.values())
    for parameter, column in given.items():
        values = frame[column]
        texts = [value for value in values.unique() if isinstance(value, str)]
        missing = (values.isna() | values.isin([text for text in texts if not text.strip()])).to_numpy()
        if missing.any():
            raise ValueError(
                f"{named(column, parameter)} is missing in {missing.sum()} of {len(frame)} rows, first in row"
                f" {np.flatnonzero(missing)[0] + 1}: fill it in, or leave these rows out"
            )
        if 0 < len(texts) < values.nunique():
            raise ValueError(f"{named(column, parameter)} mixes texts with other values: make all of them texts")
    if unique and (again := frame.duplicated(list(given.values())).to_numpy()).any():
        (parameter, column), *others = given.items()
        which = ", ".join(f"{name}" for name in frame.loc[again, list(given.values())].iloc[0])
        if not others:
            raise ValueError(f"{named(column, parameter)} names a {parameter} twice: {which}; sum its rows first")
        names = " and ".join(named(name, role) for role, name in given.items())
        raise ValueError(f"{names} are the same in more than one row: {which}; sum these rows first")


def check_confidence(confidence: float) -> float:
    """`confidence` if it lies strictly between 0 and 1, else ValueError."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    return confidence


def numbers(values: object, name: str) -> Array:
    """`values` as floats; ValueError where one is missing, infinite or no number."""
    array = _floats(values)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers, none missing{_first(values, ~np.isfinite(array))}")
    return array


def counts(values: object, name: str) -> Array:
    """`values` as counts: finite and not negative, whole or not (weights count too), else ValueError."""
    array = _floats(values)
    bad = ~np.isfinite(array) | (array < 0)
    if bad.any():
        raise ValueError(f"{name} must hold counts, not negative and not missing{_first(values, bad)}")
    return array


def whole(values: object, name: str) -> Array:
    """`values` as whole counts, else ValueError."""
    array = counts(values, name)
    if (array != np.floor(array)).any():
        raise ValueError(f"{name} must hold whole numbers{_first(values, array != np.floor(array))}")
    return array


def probabilities(values: object, name: str) -> Array:
    """`values` as probabilities in (0, 1], else ValueError."""
    array = numbers(values, name)
    if ((array <= 0) | (array > 1)).any():
        raise ValueError(f"{name} must hold probabilities above 0 and at most 1")
    return array


def trials(
    successes: object, n: object, name_of_successes: str = "successes", name_of_n: str = "n"
) -> tuple[Array, Array]:
    """Successes and the trials they are of, one for one, else ValueError; rounding apart, never more than these."""
    hits, size = counts(successes, name_of_successes), counts(n, name_of_n)
    if len(hits) != len(size):
        raise ValueError(f"{len(hits)} numbers of successes and {len(size)} of trials")
    if (hits > size * (1 + 1e-12)).any():
        raise ValueError(f"there are more successes than trials: {name_of_successes} must not be above {name_of_n}")
    return np.minimum(hits, size), size


def variances(n: Array, total: Array, sum_of_squares: Array) -> Array:
    """Variances (of n - 1) from sums; 0 for one value, and where the sums cannot tell the spread from their rounding.

    Raises:
        ValueError: where a sum of squares is less than its values can have: not of the same values, then.
    """
    size = np.maximum(n, 1)
    least = total**2 / size
    if (sum_of_squares < least * (1 - 1e-9)).any():
        raise ValueError("sum_of_squares is less than total² / n: these are not the sums of the same values")
    # Doubles carry sixteen digits, and a sum of many squares loses some: a spread under a millionth of the mean drowns.
    deviations = np.where(sum_of_squares - least > 1e-12 * sum_of_squares, sum_of_squares - least, 0.0)
    spread: Array = deviations / np.maximum(n - 1, 1)
    return spread


def none_for_missing(reasons: "pd.Series[Any]") -> "pd.Series[Any]":
    """A column of texts, None where there is none: what pandas would make a missing number."""
    return pd.Series([text if isinstance(text, str) else None for text in reasons], index=reasons.index, dtype=object)


def with_reason(rows: list[dict[Any, Any]], columns: list[str]) -> pd.DataFrame:
    """Rows as a frame of these columns: numbers, but for names of groups and the reason."""
    frame = pd.DataFrame(rows, columns=columns)
    names = {"group", "group_1", "group_2", "reason"}
    frame = frame.astype({name: float for name in columns if name not in names})
    return frame.assign(reason=none_for_missing(frame["reason"]))


def _floats(values: object) -> Array:
    array: Array = pd.to_numeric(pd.Series(np.ravel(np.asarray(values, dtype=object))), errors="coerce").to_numpy(
        float, na_value=np.nan
    )
    return array


def _first(values: object, bad: npt.NDArray[np.bool_]) -> str:
    place = int(np.flatnonzero(bad)[0])
    return f"; value {place + 1} is {np.ravel(np.asarray(values, dtype=object))[place]}"
