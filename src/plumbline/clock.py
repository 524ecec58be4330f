"""The wall clock, asked in one place. It names moments and decides no order: what came later has a later number."""

import datetime as dt


def now() -> dt.datetime:
    """The present instant in UTC, without a zone."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def after(moment: dt.datetime, last: dt.datetime | None) -> dt.datetime:
    """`moment`, or the microsecond after `last` where a clock was set back or stood still."""
    return moment if last is None else max(moment, last + dt.timedelta(microseconds=1))
