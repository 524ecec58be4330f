"""`make docs`: writes docs/sample.md, what is planted in the sample, and a picture of each plant beside its twin.

The pictures are drawn from the census and the landing of a demo sample, which is written for it.
"""

import tempfile
from pathlib import Path
from typing import Any

import altair as alt
import duckdb
import pandas as pd

from plumbline.sample import Scale, plants, truths, write_sample
from plumbline.sample.plants import PLANTS, Plant
from plumbline.writing import new_file, write_text

DOCS = Path(__file__).resolve().parent
PICTURES = DOCS / "pictures"
# Okabe and Ito: told apart by every kind of sight.
COLOURS = ["#D55E00", "#0072B2", "#009E73", "#CC79A7"]

_INTRODUCTION = """# The sample, and what is planted in it

Made by `make docs` from `src/plumbline/sample/plants.py`; a test fails when it is out of date.

`plumbline sample` writes the landing contract of a made-up platform, each table of it, from a seed: one seed, the same
bytes. `tiny` has 14 days and exact counts, `demo` 200 days and everything below, and any number of decisions up to 100
million the same world over as many days as it needs. Truths are told of 200 days and 400,000 decisions at least, and
two million at most.

`truths.json` says what is true: rows of every fate (duplicate, superseded, late, quarantined by reason, unmapped), and
for each planted effect and its quiet twin the figure, slice and period that a mart or the facts should give, with a
tolerance where audits estimate it. `_census/` has the true label of every decision and, up to two million
decisions, what each was about and how each root task ended. No model reads either.
`tests/python/integration/test_demo.py` holds the marts against both; `make breaks` breaks marts in twelve ways, each of
which a truth finds.

A twin is a slice as like the planted one as can be in which nothing happens: a method that finds an effect there is
wrong. What needs inference to be told from noise is marked; the others show in a mart as they stand.

Underneath: weekly season, holidays, days of activity in six time zones, six sites of three vendors, eight queues, ten
languages, and people who learn (a beginner takes 1.8 times as long and errs twice as often; the excess falls by a
factor e in a month).
"""


def page() -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION.rstrip()]
    for plant in PLANTS:
        parts.append(f"\n## {plant.name.replace('_', ' ').capitalize()}\n\n{plant.what}\n")
        parts.append(f"Why it is planted: {plant.why}\n")
        parts.append(f"- Where: {plant.where}")
        parts.append(f"- Its twin: {plant.twin}")
        if plant.needs_inference:
            parts.append("- Needs inference")
        parts.append(f"\n![{plant.name}](pictures/{plant.name}.svg)")
    return "\n".join(parts) + "\n"


def main() -> None:
    """Write the page and its pictures."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        landing = Path(folder) / "landing"
        write_sample(Scale.of("demo"), landing)
        # One thread, and rows in order: the same bytes in each run.
        connection.execute("set threads = 1")
        truths.attach(connection, landing)
        for table in ("moderation/user_reports", "quality/audits", "appeals/appeals"):
            connection.execute(f"create view {Path(table).name} as from '{landing}/{table}/*/sample.parquet'")
        for plant in PLANTS:
            with new_file(PICTURES / f"{plant.name}.svg") as partial:
                _picture(connection, plant).save(str(partial))
    write_text(DOCS / "sample.md", page())


def _picture(connection: duckdb.DuckDBPyConnection, plant: Plant) -> Any:
    if plant.name in _OWN:
        title, sql = _OWN[plant.name]
        return _lines(connection.execute(sql).df(), title)
    found = [truth for truth in truths.TRUTHS if truth.plant == plant.name]
    figure = found[-1].figure
    if figure.startswith("settings"):
        return _bars(
            pd.DataFrame(
                {
                    "who": [f"{truth.slice['queue_id']}, day {truth.first}: {truth.figure[9:]}" for truth in found],
                    "value": [truth.value for truth in found],
                }
            ),
            "settings",
        )
    shown = {(truth.role, tuple(truth.slice.items())): truth for truth in found if truth.figure == figure}
    overall = min(len(members) for _, members in shown)
    frames = [
        truths.weekly(connection, truth).assign(who=f"{', '.join(truth.slice.values()) or 'all'} ({role})")
        for (role, members), truth in shown.items()
        if len(members) == overall
    ]
    return _lines(pd.concat(frames), figure.replace("_", " "))


def _lines(frame: pd.DataFrame, title: str) -> Any:
    if "week" not in frame:
        return _bars(frame, title)
    frame = frame.assign(week=pd.to_datetime(frame["week"])).sort_values(["who", "week"])
    chart = alt.Chart(frame, width=560, height=180).mark_line(point=True)
    return chart.encode(
        x=alt.X("week:T", title=None),
        y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=False)),
        color=alt.Color("who:N", title=None, scale=alt.Scale(range=COLOURS)),
        shape=alt.Shape("who:N", title=None),
    )


def _bars(frame: pd.DataFrame, title: str) -> Any:
    return (
        alt.Chart(frame, width=560)
        .mark_bar(color=COLOURS[1])
        .encode(x=alt.X("value:Q", title=title), y=alt.Y("who:N", title=None, sort=None))
    )


_WRONG = "avg(cast((outcome = 'no_violation') <> (true_outcome = 'no_violation') as double))"
_NUMBER = "cast(substr(moderator_id, 2) as integer)"


def _arms(one: int, other: int) -> str:
    return f"""
        select date_trunc('month', decided_on) as week, {_WRONG} as value,
            case {_NUMBER} % 12 when {one} then 'coached on day {plants.COACHING}' else 'not coached' end as who
        from decisions
        where decided_by = 'human' and outcome not in ('skip', 'escalate') and {_NUMBER} % 12 in ({one}, {other})
            and decided_on < date '2026-07-01'
        group by all
    """


# What a figure by week does not show, or has no truth yet, since it needs inference: title and query.
_OWN = {
    "shift_over_midnight": (
        "tasks decided at Manila",
        """
        with days as (
            select unnest([
                cast(ended_at as date), cast(timezone('Asia/Manila', timezone('UTC', ended_at)) as date)
            ]) as week,
                unnest(['by day of UTC', 'by day at Manila']) as who
            from tasks where site_id = 'manila'
        )
        select week, who, count(*) as value from days
        where week between date '2026-02-23' and date '2026-03-09' group by all
        """,
    ),
    "three_types_of_moderator": (
        "share of wrong decisions",
        f"""
        select case {_NUMBER} % 5 when 0 then 'fast' when 1 then 'careful' else 'balanced' end || ', '
            || cast(round(avg(handle_seconds)) as varchar) || ' s a decision' as who, {_WRONG} as value
        from decisions where decided_by = 'human' and outcome not in ('skip', 'escalate')
        group by {_NUMBER} % 5 = 0, {_NUMBER} % 5 = 1, case {_NUMBER} % 5 when 0 then 'fast' when 1 then 'careful'
            else 'balanced' end order by 1
        """,
    ),
    "experiment_with_effect": (
        "handle seconds",
        """
        select date_trunc('week', decided_on) as week, avg(handle_seconds) as value, variant as who
        from decisions inner join assignments on unit_id = moderator_id
        where experiment_id = 'blur_thumbnails' and decided_on between date '2026-01-05' and date '2026-04-12'
        group by all
        """,
    ),
    "experiment_with_broken_ratio": (
        "share of units treated",
        """
        select experiment_id as who, avg(cast(variant = 'treated' as double)) as value from assignments
        where experiment_id <> 'blur_thumbnails' group by all order by 1
        """,
    ),
    "coaching_that_works": ("share of wrong decisions", _arms(3, 9)),
    "coaching_of_the_lowest": ("share of wrong decisions", _arms(5, 11)),
    "auditor_error": (
        "share that auditors call a violation",
        """
        select case when true_outcome = 'no_violation' then 'no violation in truth'
            else 'violation in truth' end as who,
            avg(cast(audited_outcome <> 'no_violation' as double)) as value
        from audits inner join decisions using (decision_id)
        where audited_outcome <> 'unauditable' and audit_round = 1 and auditor_id <> 'QA007' group by all order by 1
        """,
    ),
    "lenient_auditor": (
        "share of errors found, at Bogotá",
        """
        select auditor_id as who, avg(cast(audited_outcome <> outcome as double)) as value
        from audits inner join decisions using (decision_id)
        where audited_outcome <> 'unauditable' and audit_round = 1 and site_id = 'bogota' and outcome <> true_outcome
            and outcome not in ('skip', 'escalate')
        group by all order by 1
        """,
    ),
    "incident": (
        "reports of scams",
        """
        select cast(reported_at as date) as week, count(*) as value, market as who from user_reports
        where reason = 'scams' and market in ('US', 'GB') and reported_at >= timestamp '2026-05-25' group by all
        """,
    ),
}

if __name__ == "__main__":
    main()
