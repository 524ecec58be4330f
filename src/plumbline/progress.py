"""Progress of long work on standard error, so that standard output stays what was asked for."""

import sys
import time
from collections.abc import Callable


def progress_on_stderr(what: str) -> Callable[[int, int], None]:
    """Print `what: done of total` on standard error: every second on a terminal, every ten elsewhere."""
    pause = 1.0 if sys.stderr.isatty() else 10.0
    last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= pause:
            last = time.monotonic()
            print(f"{what}: {done:,} of {total:,}", file=sys.stderr, flush=True)

    return show
