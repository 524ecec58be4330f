"""Drawing decisions to audit: by strata of known size, with known probabilities, assigned blindly to auditors."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from plumbline.landing.read import quoted
from plumbline.statistics.frames import require_keys, whole
from plumbline.statistics.proportions import smoothed
from plumbline.statistics.sampling import draw, neyman_allocation
from plumbline.writing import new_folder

# What decisions may be told apart by, as fct_decisions has it.
STRATA = {
    "queue": "queue_id",
    "suspected_policy": "suspected_policy_code",
    "decided_policy": "policy_code",
    "market": "market",
    "language": "language",
    "content_type": "content_type",
    "site": "site_id",
    "vendor": "vendor_id",
    "measure": "case when is_enforcement_action then 'measure' else 'no measure' end",
}
ESCALATED = "escalated"
# What past audits say of a stratum is taken from so many days before the period.
LOOK_BACK_DAYS = 56
SHEET = [
    "audit_id", "decision_id", "frame_id", "stratum", "sample_design", "inclusion_probability", "review_mode",
    "audit_round", "auditor_id", "auditor_type", "audited_at", "audited_outcome", "audited_policy_code", "error_class",
    "severity", "root_cause_code", "notes",
]  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A frame (a row per stratum, as quality.audit_frames), its sheet (one per audit to make, as quality.audits), and
    what strata stand for, where their names must not tell auditors what was decided."""

    frame: pd.DataFrame
    sheet: pd.DataFrame
    strata: pd.DataFrame


def draw_audits(
    connection: duckdb.DuckDBPyConnection,
    *,
    marts: str,
    first: dt.date,
    last: dt.date,
    by: Sequence[str],
    auditors: Sequence[str],
    seed: str,
    total: int | None = None,
    plan: pd.DataFrame | None = None,
    pairs: float = 0.0,
    escalations: int = 0,
    frame_id: str | None = None,
) -> Drawn:
    """Draw human production decisions of a period; escalations as a stratum of their own, skips not at all.

    Strata are what `by` names; the number of each is that of `plan`, or the total shared out so that the accuracy over
    all of them is as exact as can be (Neyman), by the errors that audits of the eight weeks before found. The same seed
    draws and assigns the same. A decision that another frame drew has its verdict there, so draw a period once.

    Args:
        connection: To a warehouse that has been built.
        marts: Schema of the marts.
        first: First day of the decisions.
        last: Last day.
        by: Names of STRATA.
        auditors: Ids, as they are to land.
        seed: Any text.
        total: Decisions to draw, where there is no plan.
        plan: Columns `stratum` and `planned_n`.
        pairs: Share of each stratum's draw that two auditors audit without knowing of each other.
        escalations: Escalations to draw besides, so that it can be said whether they were due.
        frame_id: Name of the frame; by the days unless given.

    Raises:
        ValueError: where a stratum is unknown or not in the plan, a plan asks for more than there is, auditors are none
            or named twice, one alone is to audit pairs, or there is nothing to draw from.
    """
    unknown = [name for name in by if name not in STRATA]
    if unknown or not by:
        raise ValueError(f"strata are by one or more of {', '.join(STRATA)}; not by {', '.join(unknown) or 'none'}")
    if len(set(auditors)) != len(auditors) or len(auditors) < (2 if pairs else 1):
        raise ValueError("auditors must be named, each once, and two or more where pairs are to be audited")
    if (total is None) == (plan is None):
        raise ValueError("say either how many to draw in all, or a plan by stratum")
    if not 0 <= pairs <= 1:
        raise ValueError(f"pairs are a share, not {pairs}")
    there = [name for (name,) in connection.execute("select distinct schema_name from duckdb_schemas()").fetchall()]
    if marts not in there:
        raise ValueError(f"no schema {marts} in this warehouse; there are: {', '.join(sorted(there))}")
    population = _population(connection, marts, first, last, _stratum(by), "outcome not in ('skip', 'escalate')")
    if population.empty:
        raise ValueError(f"no human production decision from {first} to {last} is in {marts}.fct_decisions")
    strata = population.groupby("stratum").size().rename("population").reset_index()
    if plan is None:
        allocation = neyman_allocation(_expected(connection, marts, first, by, strata), int(total or 0))
    else:
        allocation = _planned(strata, plan)
    if escalations:
        escalated = _population(connection, marts, first, last, f"'{ESCALATED}'", "outcome = 'escalate'")
        population = pd.concat([population, escalated], ignore_index=True)
        row = {"stratum": ESCALATED, "population": len(escalated), "planned_n": escalations}
        allocation = pd.concat([allocation, pd.DataFrame([row])], ignore_index=True)
    drawn = draw(population, allocation, seed)
    name = frame_id or f"AUDIT-{first:%Y%m%d}-{last:%Y%m%d}"
    # A stratum of what was decided must not say so to who is to judge it.
    is_telling = "measure" in by or "decided_policy" in by or escalations > 0
    names = {
        stratum: f"S-{_digest(seed, name, stratum)[:8]}" if is_telling else stratum for stratum in allocation["stratum"]
    }
    strata = allocation.assign(stratum=allocation["stratum"].map(names), stands_for=allocation["stratum"])
    drawn, allocation = (part.assign(stratum=part["stratum"].map(names)) for part in (drawn, allocation))
    frame = pd.DataFrame(
        {
            "frame_id": name,
            "stratum": allocation["stratum"],
            "period_start": first,
            "period_end": last,
            "population_count": allocation["population"],
            "planned_n": allocation["planned_n"],
        }
    )
    key = strata[["stratum", "stands_for", "population", "planned_n"]]
    return Drawn(frame, _assigned(drawn.assign(frame_id=name), auditors, seed, pairs), key)


def write_drawn(drawn: Drawn, folder: Path) -> list[Path]:
    """Write audit_frames.csv, strata.csv, audits.csv and audits.xlsx; there, text is text whatever it begins with.

    The folder appears with all four in it, or not at all.

    Raises:
        ValueError: where the folder holds anything already.
    """
    there = sorted(file.name for file in folder.iterdir()) if folder.exists() else []
    if there:
        raise ValueError(
            f"{folder}: {', '.join(there[:4])} is there already, maybe with results in it: draw into another folder"
        )
    names = ["audit_frames.csv", "strata.csv", "audits.csv", "audits.xlsx"]
    with new_folder(folder) as partial:
        for name, rows in zip(names, (drawn.frame, drawn.strata, drawn.sheet), strict=False):
            rows.to_csv(partial / name, index=False)
        _write_workbook(drawn.sheet, partial / names[3])
    return [folder / name for name in names]


def _write_workbook(sheet: pd.DataFrame, file: Path) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook()
    page = book.active
    page.title = "audits"
    page.append(list(sheet.columns))

    def cell(value: Any) -> Any:
        made = WriteOnlyCell(page, None if pd.isna(value) else value)
        # An id that begins with = is no formula.
        if isinstance(value, str):
            made.data_type = "s"
        return made

    # Cells are made beforehand: to find a row again, openpyxl looks through all before it.
    for values in sheet.itertuples(index=False):
        page.append([cell(value) for value in values])
    page.freeze_panes = "A2"
    book.save(file)


def _stratum(by: Sequence[str]) -> str:
    return " || ' / ' || ".join(f"({STRATA[name]})" for name in by)


def _population(
    connection: duckdb.DuckDBPyConnection, marts: str, first: dt.date, last: dt.date, stratum: str, decided: str
) -> pd.DataFrame:
    return connection.execute(
        f"""
        select decision_id, {stratum} as stratum from {quoted(marts)}.fct_decisions
        where is_production and {decided} and decided_on between $first and $last
        order by decision_id
        """,
        {"first": first, "last": last},
    ).df()


def _expected(
    connection: duckdb.DuckDBPyConnection, marts: str, first: dt.date, by: Sequence[str], strata: pd.DataFrame
) -> pd.DataFrame:
    """The deviation to expect in each stratum, by what was found."""
    found = connection.execute(
        f"""
        select
            {_stratum(by)} as stratum,
            count(*) as audits,
            count(*) filter (where final_cell in ('false_positive', 'false_negative')) as errors
        from {quoted(marts)}.fct_decisions as decisions inner join (
            select decision_id, final_cell from {quoted(marts)}.fct_verdicts
            where sample_design <> 'targeted' and final_cell is not null
                and decided_on between $first::date - {LOOK_BACK_DAYS} and $first::date - 1
        ) as verdicts using (decision_id)
        where is_production and decided_on between $first::date - {LOOK_BACK_DAYS} and $first::date - 1
        group by all
        """,
        {"first": first},
    ).df()
    known = strata.merge(found, on="stratum", how="left").fillna({"audits": 0, "errors": 0})
    rate = smoothed(known["errors"], known["audits"])["estimate"]
    return strata.assign(deviation=np.sqrt(rate * (1 - rate)))


def _planned(strata: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    missing = {"stratum", "planned_n"} - set(plan.columns)
    if missing:
        raise ValueError(f"the plan has no column {', '.join(sorted(missing))}")
    require_keys(plan, unique=True, stratum="stratum")
    plan = plan.assign(planned_n=whole(plan["planned_n"], "column planned_n"))
    elsewhere = sorted(set(plan["stratum"]) - set(strata["stratum"]))
    if elsewhere:
        raise ValueError(f"the plan names strata without decisions in the period: {', '.join(map(str, elsewhere))}")
    allocation = strata.merge(plan[["stratum", "planned_n"]], on="stratum", how="left")
    unplanned = allocation.loc[allocation["planned_n"].isna(), "stratum"]
    if len(unplanned):
        raise ValueError(f"the plan leaves out, so that nothing could be said of: {', '.join(unplanned)}")
    return allocation.astype({"planned_n": int})


def _digest(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def _assigned(drawn: pd.DataFrame, auditors: Sequence[str], seed: str, pairs: float) -> pd.DataFrame:
    """One row per audit: seats go round the auditors in an order that tells nothing, so that all have as many."""
    in_stratum = drawn.groupby("stratum")["draw_order"].transform("size")
    # The first of each stratum's draw are as random as any.
    is_pair = drawn["draw_order"] <= np.ceil(pairs * in_stratum)
    shuffled = [_digest(seed, "order", decision) for decision in drawn["decision_id"]]
    seats = drawn.assign(is_pair=is_pair, order=shuffled).sort_values(["is_pair", "order"], ascending=[False, True])
    second = seats[seats["is_pair"]]
    round_of = sorted(auditors, key=lambda auditor: _digest(seed, "auditor", auditor))
    # Seconds begin one auditor on where they would else sit beside themselves.
    shift = len(seats) + (1 if len(seats) % len(round_of) == 0 else 0)
    sheet = pd.concat(
        [
            seats.assign(seat=1, auditor_id=[round_of[place % len(round_of)] for place in range(len(seats))]),
            second.assign(
                seat=2, auditor_id=[round_of[(shift + place) % len(round_of)] for place in range(len(second))]
            ),
        ]
    )
    ids = [
        f"A-{_digest(seed, frame, decision, seat)[:20]}"
        for frame, decision, seat in zip(sheet["frame_id"], sheet["decision_id"], sheet["seat"], strict=True)
    ]
    sheet = sheet.assign(
        audit_id=ids,
        sample_design="stratified",
        review_mode=np.where(sheet["is_pair"], "double_blind", "blind"),
        audit_round=1,
        auditor_type="in_house",
    )
    # Pairs must not lie side by side, nor strata.
    return sheet.reindex(columns=SHEET).sort_values("audit_id", ignore_index=True)
