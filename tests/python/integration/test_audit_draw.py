"""`plumbline audit draw`: what is drawn, filled in and landed weighs as much as the population it stands for."""

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from conftest import Project

from plumbline.audits import Drawn, draw_audits, write_drawn
from plumbline.cli import main

AUDITORS = ["QA101", "QA102", "QA103", "=cmd()"]


@pytest.fixture(scope="module")
def mine(tiny: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the tiny platform, to draw from and to land in."""
    folder = tmp_path_factory.mktemp("audited") / "project"
    shutil.copytree(tiny.folder, folder)
    return Project(folder)


@pytest.fixture(scope="module")
def days(mine: Project) -> tuple[dt.date, dt.date]:
    ((first, last),) = mine.query(
        "select min(decided_on) + 3, min(decided_on) + 9 from dev_marts.fct_decisions where is_production"
    )
    assert isinstance(first, dt.date)
    assert isinstance(last, dt.date)
    return first, last


def drawn_from(mine: Project, days: tuple[dt.date, dt.date], **options: object) -> Drawn:
    given: dict[str, object] = {
        "by": ["queue", "measure"],
        "total": 240,
        "auditors": AUDITORS,
        "seed": "one",
        "pairs": 0.1,
    }
    with mine.connect() as connection:
        return draw_audits(connection, marts="dev_marts", first=days[0], last=days[1], **(given | options))


@pytest.mark.long
def test_drawn_filled_in_and_landed_the_weights_are_right(
    mine: Project, days: tuple[dt.date, dt.date], tmp_path: Path
) -> None:
    drawn = drawn_from(mine, days)
    folder = tmp_path / "draw"
    write_drawn(drawn, folder)
    # Results as a tool gives them back: every decision found right.
    outcomes = dict(mine.query("select decision_id, outcome from dev_marts.fct_decisions"))
    sheet = pd.read_csv(folder / "audits.csv", dtype=str)
    # A decision that the sample's own programme audited has its verdict there already.
    audited = {decision for (decision,) in mine.query("select decision_id from dev_marts.fct_audits")}
    sheet["audited_outcome"] = sheet["decision_id"].map(outcomes)
    sheet["audited_at"] = f"{days[1] + dt.timedelta(days=3)} 12:00:00"
    sheet.to_csv(folder / "audits.csv", index=False)
    landed_on = str(days[1] + dt.timedelta(days=4))
    for table in ("audit_frames", "audits"):
        file = folder / f"{table}.csv"
        # Into a landing of its own, as results of real audits land: nothing is rejected.
        assert main(["land", "contract", str(file), "--set", f"table=quality.{table}", "--landing", str(tmp_path)]) == 0
        assert not list(tmp_path.glob("_rejected/**/*.parquet"))
        # The sample takes no file of others, so here the same rows as its own.
        there = mine.landing / "quality" / table / f"landed_on={landed_on}"
        there.mkdir(parents=True, exist_ok=True)
        rows = f"select *, 'sample' as _source_system from read_csv('{file}', all_varchar = true)"
        duckdb.sql(f"copy ({rows}) to '{there / 'drawn.parquet'}' (format parquet)")
    mine.build()
    rows = mine.query(
        """
        select stratum, population_count, planned_n, done_decisions, represented_share
        from dev_marts.mart_audit_programme where frame_id like 'AUDIT-%' order by stratum
        """
    )
    frame = drawn.frame.set_index("stratum").sort_index()
    assert [row[0] for row in rows] == frame.index.tolist()
    assert [row[1] for row in rows] == frame["population_count"].tolist()
    assert [row[2] for row in rows] == frame["planned_n"].tolist()
    once = drawn.sheet.drop_duplicates("decision_id")
    weights = once.assign(weight=1 / once["inclusion_probability"])
    whole = weights.groupby("stratum")["weight"].sum()
    assert whole.tolist() == pytest.approx(frame["population_count"].tolist())
    own = weights[~weights["decision_id"].isin(audited)].groupby("stratum")["weight"].agg(["size", "sum"])
    assert 200 < own["size"].sum() < 240
    assert [row[3] for row in rows] == own["size"].tolist()
    expected = own["sum"] / frame["population_count"]
    assert [row[4] for row in rows] == pytest.approx(expected.tolist(), abs=1e-4)


def test_the_population_is_that_of_the_period_by_hand(mine: Project, days: tuple[dt.date, dt.date]) -> None:
    drawn = drawn_from(mine, days)
    ((population,),) = mine.query(
        "select count(*) from dev_marts.fct_decisions where is_production and outcome not in ('skip', 'escalate')"
        f" and decided_on between '{days[0]}' and '{days[1]}'"
    )
    assert drawn.frame["population_count"].sum() == population
    assert drawn.frame["planned_n"].sum() == 240
    weight = (1 / drawn.sheet.drop_duplicates("decision_id")["inclusion_probability"]).sum()
    assert weight == pytest.approx(population)


def test_auditors_have_as_many_and_nobody_sits_beside_themselves(mine: Project, days: tuple[dt.date, dt.date]) -> None:
    sheet = drawn_from(mine, days, pairs=0.25).sheet
    load = sheet["auditor_id"].value_counts()
    assert load.max() - load.min() <= 2
    pairs = sheet[sheet["review_mode"] == "double_blind"].groupby("decision_id")["auditor_id"]
    assert (pairs.nunique() == 2).all()
    assert len(pairs) >= 60
    assert sheet["audit_id"].is_unique


def test_names_of_strata_do_not_tell_what_was_decided(mine: Project, days: tuple[dt.date, dt.date]) -> None:
    drawn = drawn_from(mine, days)
    assert drawn.sheet["stratum"].str.fullmatch(r"S-[0-9a-f]{8}").all()
    assert drawn.strata["stands_for"].str.contains("measure").all()
    assert set(drawn.strata["stratum"]) == set(drawn.frame["stratum"])
    assert drawn_from(mine, days, by=["queue"]).sheet["stratum"].isin(["live", "comments", "accounts"]).any()


def test_escalations_are_drawn_besides_and_are_a_stratum_of_their_own(
    mine: Project, days: tuple[dt.date, dt.date]
) -> None:
    drawn = drawn_from(mine, days, by=["queue"], escalations=20)
    outcomes = dict(mine.query("select decision_id, outcome from dev_marts.fct_decisions"))
    ((population,),) = mine.query(
        "select count(*) from dev_marts.fct_decisions where is_production and outcome = 'escalate'"
        f" and decided_on between '{days[0]}' and '{days[1]}'"
    )
    ((stratum, _, size, planned),) = drawn.strata[drawn.strata["stands_for"] == "escalated"].to_numpy()
    assert (size, planned) == (population, 20)
    once = drawn.sheet.drop_duplicates("decision_id")
    is_escalated = once["decision_id"].map(outcomes) == "escalate"
    assert (is_escalated == (once["stratum"] == stratum)).all()
    assert is_escalated.sum() == 20
    assert once[is_escalated]["inclusion_probability"].to_numpy() == pytest.approx(20 / float(str(population)))
    assert len(once) == 260
    # No name tells which decisions were escalated.
    assert drawn.sheet["stratum"].str.fullmatch(r"S-[0-9a-f]{8}").all()


def test_the_same_seed_draws_the_same_and_another_does_not(mine: Project, days: tuple[dt.date, dt.date]) -> None:
    pd.testing.assert_frame_equal(drawn_from(mine, days).sheet, drawn_from(mine, days).sheet)
    other = set(drawn_from(mine, days, seed="two").sheet["decision_id"])
    assert other != set(drawn_from(mine, days).sheet["decision_id"])


def test_text_that_looks_like_a_formula_is_text(mine: Project, days: tuple[dt.date, dt.date], tmp_path: Path) -> None:
    from openpyxl import load_workbook

    write_drawn(drawn_from(mine, days), tmp_path / "draw")
    page = load_workbook(tmp_path / "draw" / "audits.xlsx").active
    assert page is not None
    kinds = {cell.data_type for row in page.iter_rows() for cell in row if cell.value == "=cmd()"}
    assert kinds == {"s"}


def test_what_is_there_is_not_written_over(mine: Project, days: tuple[dt.date, dt.date], tmp_path: Path) -> None:
    drawn = drawn_from(mine, days)
    write_drawn(drawn, tmp_path / "draw")
    with pytest.raises(ValueError, match="is there already"):
        write_drawn(drawn, tmp_path / "draw")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": ["mood"]}, "not by mood"),
        ({"auditors": []}, "auditors must be named"),
        ({"auditors": ["a"], "pairs": 0.5}, "two or more where pairs"),
        ({"auditors": ["a", "a"]}, "each once"),
        ({"total": None}, "say either how many"),
        ({"total": 10**9}, "total must lie between"),
        ({"total": None, "plan": pd.DataFrame({"stratum": ["x"], "planned_n": [1]})}, "without decisions"),
        ({"total": None, "plan": pd.DataFrame({"stratum": []})}, "has no column planned_n"),
        ({"total": None, "plan": pd.DataFrame({"stratum": ["x", None], "planned_n": 1})}, "column stratum is missing"),
        ({"total": None, "plan": pd.DataFrame({"stratum": ["x", "x"], "planned_n": 1})}, "names a stratum twice: x"),
        ({"total": None, "plan": pd.DataFrame({"stratum": ["x"], "planned_n": 2.5})}, "must hold whole numbers"),
        ({"pairs": 2}, "pairs are a share"),
        ({"escalations": 10**6}, "more than there is, or less than none, of: escalated"),
        ({"escalations": -1}, "more than there is, or less than none, of: escalated"),
    ],
)
def test_a_draw_that_cannot_be_says_why(
    options: dict[str, object], message: str, mine: Project, days: tuple[dt.date, dt.date]
) -> None:
    with pytest.raises(ValueError, match=message):
        drawn_from(mine, days, **options)


def test_a_period_without_decisions_says_so(mine: Project) -> None:
    with pytest.raises(ValueError, match="no human production decision"):
        drawn_from(mine, (dt.date(1999, 1, 1), dt.date(1999, 1, 7)))


def test_the_command_draws_by_a_plan(
    mine: Project, days: tuple[dt.date, dt.date], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queues = [str(queue) for (queue,) in mine.query(
        "select distinct queue_id from dev_marts.fct_decisions where is_production"
        f" and outcome not in ('skip', 'escalate') and decided_on between '{days[0]}' and '{days[1]}'"
    )]  # fmt: skip
    plan = tmp_path / "plan.csv"
    pd.DataFrame({"stratum": queues, "planned_n": 3}).to_csv(plan, index=False)
    auditors = tmp_path / "auditors.txt"
    auditors.write_text("QA1\nQA2\n")
    period = ["--first", str(days[0]), "--last", str(days[1]), "--by", "queue", "--plan", str(plan)]
    who = ["--auditors", str(auditors), "--seed", "s", "--warehouse", str(mine.warehouse)]
    assert main(["audit", "draw", *period, *who, "--out", str(tmp_path / "out")]) == 0
    assert len(pd.read_csv(tmp_path / "out" / "audits.csv")) == 3 * len(queues)
    assert "plumbline land contract" in capsys.readouterr().out
    assert main(["audit", "draw", *period, *who, "--out", str(tmp_path / "out")]) == 1
