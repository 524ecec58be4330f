"""docs/contributing/long-tests.md: what CI leaves to `make test-long`, with the last result of each."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HEAD = """# Long tests

CI leaves these to `make test-long`, since they would take it beyond 20 minutes on two cores. A workflow runs them
each Saturday; run them before a release and after a change to what they hold. The command writes this page. Parts of
one test stand in one line: seconds are their sum.

| test | result | seconds | revision | day |
|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Result:
    """The last result of a test."""

    test: str
    result: str
    seconds: int
    revision: str
    day: str

    def line(self) -> str:
        return f"| `{self.test}` | {self.result} | {self.seconds:,} | {self.revision} | {self.day} |"


def results(outcomes: Iterable[tuple[str, str, float]], revision: str, day: dt.date) -> dict[str, Result]:
    """One result a test, of the outcome and seconds of each of its parts."""
    parts: dict[str, list[tuple[str, float]]] = {}
    for name, outcome, seconds in outcomes:
        parts.setdefault(name.split("[", 1)[0], []).append((outcome, seconds))
    found = {}
    for name, runs in parts.items():
        counts = {outcome: sum(each == outcome for each, _ in runs) for outcome in sorted({each for each, _ in runs})}
        said = ", ".join(outcome if len(runs) == 1 else f"{count} {outcome}" for outcome, count in counts.items())
        seconds = round(sum(seconds for _, seconds in runs))
        found[name] = Result(name, said, seconds, revision, day.isoformat())
    return found


def read(page: Path) -> dict[str, Result]:
    """The results that the page has."""
    lines = page.read_text(encoding="utf-8").splitlines() if page.exists() else []
    found = {}
    for line in lines:
        if line.startswith("| `"):
            test, result, seconds, revision, day = (cell.strip(" `") for cell in line.strip("|").split("|"))
            found[test] = Result(test, result, int(seconds.replace(",", "")), revision, day)
    return found


def write(page: Path, found: dict[str, Result]) -> None:
    """Write the page: new results in place of old ones, and those of tests that did not run as they were."""
    every = {**read(page), **found}
    page.write_text(HEAD + "".join(f"{every[name].line()}\n" for name in sorted(every)), encoding="utf-8")
