"""`plumbline explain`: a number with what it rests on, as the warehouse has it, and nothing that is withheld."""

import functools
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Project
from served import publishes

from plumbline.cli import main
from plumbline.explaining import explanation
from plumbline.explaining.explanation import explain, landed_tables
from plumbline.explaining.render import as_html, as_json, as_text
from plumbline.publishing.files import reading

pytestmark = pytest.mark.slow


@pytest.fixture
def explained(tiny: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """The command on the tiny sample: exit code, what it printed and what it said of an error."""
    for name in [name for name in os.environ if name.startswith("PLUMBLINE_")]:
        monkeypatch.delenv(name)
    for name, value in tiny.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DBT_TARGET_PATH", str(tiny.folder / "target"))

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["explain", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_figure_is_the_published_one(explained: Any, tiny: Project) -> None:
    code, text, _ = explained("audit_accuracy", "--period", "2026-01", "--slice", "queue=live", "--format", "json")
    assert code == 0
    found = json.loads(text)
    ((value, lower, upper, n, version),) = tiny.query(
        "select metric_value, lower, upper, n, metric_version from dev_reports.rpt_metric_values"
        " where metric_id = 'audit_accuracy' and grain = 'month' and period_start = date '2026-01-01'"
        " and scope_type = 'all' and slice_type = 'queue' and slice = 'live'"
    )
    figure = found["figure"]
    assert (figure["metric_value"], figure["lower"], figure["upper"], figure["n"]) == (value, lower, upper, n)
    assert figure["numerator"] / figure["denominator"] == pytest.approx(value, rel=1e-9)
    assert found["metric"]["version"] == version
    assert "int_human_verdicts_daily" in found["formula"]["numerator"]
    assert found["cell"]["period_end"] == "2026-01-31"


def test_rows_left_out_add_up_to_what_was_landed_and_not_staged(explained: Any, tiny: Project) -> None:
    _, text, _ = explained("average_handle_time", "--period", "2026-01", "--format", "json")
    found = json.loads(text)["left_out"]
    told = sum(
        row["row_count"] for row in found if row["table"] == "moderation.decisions" and row["kind"] != "unmapped"
    )
    ((landed,),) = tiny.query(
        f"select count(*) from read_parquet('{tiny.landing}/moderation/decisions/*/*.parquet', union_by_name = true)"
    )
    ((staged,),) = tiny.query("select count(*) from dev_staging.stg_moderation__decisions")
    assert told == landed - staged
    assert told > 100


def test_what_the_audits_were_drawn_from_is_that_of_the_frames(explained: Any, tiny: Project) -> None:
    _, text, _ = explained("audit_accuracy", "--period", "2026-W02", "--format", "json")
    ((frames, strata, population, planned),) = tiny.query(
        "select count(distinct frame_id), count(*), sum(population_count), sum(planned_n) from read_parquet("
        f"'{tiny.landing}/quality/audit_frames/*/*.parquet', union_by_name = true)"
        " where cast(period_start as date) <= date '2026-01-11' and cast(period_end as date) >= date '2026-01-05'"
    )
    sampled = json.loads(text)["sampled"]
    assert (sampled["frames"], sampled["strata"]) == (frames, strata)
    assert (sampled["population"], sampled["planned"]) == (population, planned)
    _, text, _ = explained("average_handle_time", "--period", "2026-W02", "--format", "json")
    assert json.loads(text)["sampled"] is None


def test_of_few_people_nothing_is_told(explained: Any, tiny: Project) -> None:
    rows = tiny.query(
        "select metric_id, slice_type, slice, not_reportable_reason from dev_reports.rpt_metric_values"
        " where grain = 'month' and scope_type = 'all' and slice <> '(none)' and not_reportable_reason like '% people'"
        " order by 1, 2, 3 limit 5"
    )
    assert rows
    for metric, slice_type, name, reason in rows:
        _, text, _ = explained(metric, "--period", "2026-01", "--slice", f"{slice_type}={name}", "--format", "json")
        figure = json.loads(text)["figure"]
        assert figure["not_reportable_reason"] == reason
        hidden = ("metric_value", "lower", "upper", "n", "numerator", "denominator", "change")
        assert {figure[name] for name in hidden} == {None}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("audit_acuracy", "--period", "2026-01"), "(the nearest is 'audit_accuracy')"),
        (("audit_accuracy", "--period", "2026-13"), "'2026-13' is no period here"),
        (("audit_accuracy", "--period", "last month"), "is no period here"),
        (("audit_accuracy", "--period", "1950-01"), "is no period here"),
        (("audit_accuracy", "--period", "2025-12"), "its months go from 2026-01-01 to"),
        (("audit_accuracy", "--period", "2026-01", "--slice", "sit=dublin"), "(the nearest is 'site')"),
        (("audit_accuracy", "--period", "2026-01", "--slice", "team=a"), "its slices: all, queue"),
        (("audit_accuracy", "--period", "2026-01", "--slice", "site=dubln"), "(the nearest is 'dublin')"),
        (("audit_accuracy", "--period", "2026-01", "--slice", "dublin"), "is not KIND=MEMBER"),
        (("audit_accuracy", "--period", "2026-01", "--scope", "site=dublin"), "no scope type 'site'"),
        (("audit_accuracy", "--period", "2026-01", "--scope", "vendor=nobody"), "no scope 'nobody'"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(explained: Any, arguments: tuple[str, ...], said: str) -> None:
    code, text, error = explained(*arguments)
    assert (code, text) == (1, "")
    assert said in error
    assert error.count("\n") == 1


class Balanced(HTMLParser):
    """The text of a page; what it asks for from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.asks = "", list[str]()

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.asks += [value or "" for name, value in attrs if name in ("src", "href")]


def test_every_metric_is_explained_in_every_form(tiny: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explanation, "load_metrics", functools.cache(explanation.load_metrics))
    metrics = tiny.query("select metric_id, label from dev_marts.dim_metric order by 1")
    there = dict(tiny.query(
        "select metric_id, min_by(slice_type || '=' || slice, (slice_type <> 'all', slice)) from"
        " dev_reports.rpt_metric_values where grain = 'month' and period_start = date '2026-01-01'"
        " and scope_type = 'all' group by 1"
    ))  # fmt: skip
    assert len(there) > 60
    with reading(tiny.warehouse) as warehouse:
        for metric_id, label in metrics:
            if metric_id not in there:
                continue
            slice_ = None if there[metric_id] == "all=all" else there[metric_id]
            said = explain(
                warehouse, tiny.folder / "target" / "manifest.json", metric_id, "2026-01", project=ROOT, slice_=slice_
            )
            assert said.formula
            text = as_text(said)
            assert label in text.splitlines()[0]
            assert "None" not in text, metric_id
            assert "\n\n\n" not in text
            page = Balanced()
            page.feed(as_html(said))
            assert label in page.text
            assert page.asks == []
            assert json.loads(as_json(said))["metric"]["metric_id"] == metric_id


def test_tables_above_a_model_are_those_of_dbt_s_lineage(manifest: dict[str, Any]) -> None:
    assert "quality.audits" in landed_tables(manifest, ["int_human_verdicts_daily"])
    assert landed_tables(manifest, ["int_decisions_daily"])[:2] == ["moderation.decisions", "moderation.tasks"]
    assert "quality.audits" not in landed_tables(manifest, ["int_decisions_daily"])
    assert landed_tables(manifest, ["dim_language"]) == []


def test_what_was_published_is_told_beside_what_is_now(
    explained: Any, tiny: Project, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishes(tiny, dsn)
    monkeypatch.setenv("PLUMBLINE_POSTGRES_DSN", dsn)
    _, text, _ = explained("average_handle_time", "--period", "2026-01", "--format", "json")
    (published,) = json.loads(text)["published"]
    assert published["is_same"]
    _, text, _ = explained("average_handle_time", "--period", "2026-01")
    assert re.search(r"as now +\(publish 1, in place\)", text)


def test_a_page_is_written_whole(explained: Any, tmp_path: Path) -> None:
    page = tmp_path / "why.html"
    code, text, _ = explained("sla_attainment", "--period", "2026-W02", "--format", "html", "--to", str(page))
    assert (code, text) == (0, f"Wrote {page}\n")
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
