"""The wall clock, read in one place. It never decides an order: later runs and calls get later numbers."""

import datetime as dt


def now() -> dt.datetime:
    """The present instant in UTC, without a zone."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def after(moment: dt.datetime, last: dt.datetime | None) -> dt.datetime:
    """`moment`, or one microsecond after `last` if the clock was set back or stood still."""
    return moment if last is None else max(moment, last + dt.timedelta(microseconds=1))
