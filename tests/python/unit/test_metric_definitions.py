"""What models/semantic says is whole, is in the lock and the catalogue, and does not change unseen."""

import csv
import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from plumbline.governance.lock import changes_since, lock_of, model_digests
from plumbline.governance.metrics import least_cases, load_metrics
from plumbline.metric_sql.generate import generated_models

QUOTIENT = "expr: cost_per_decision / audit_accuracy"
METRICS = {metric.name: metric for metric in load_metrics(ROOT / "models")}


def copied(models: Path, file: str, old: str, new: str) -> Path:
    """The definitions in a folder of their own, with one text replaced."""
    (source,) = (ROOT / "models").rglob(file)
    text = source.read_text()
    assert old in text
    for name in ("semantic", "marts"):
        shutil.copytree(ROOT / "models" / name, models / name)
    (models / source.relative_to(ROOT / "models")).write_text(text.replace(old, new))
    return models


def test_every_target_is_of_a_metric_that_has_a_better_side() -> None:
    with (ROOT / "seeds" / "reference" / "metric_targets.csv").open() as file:
        for row in csv.DictReader(file):
            metric = METRICS[row["metric_id"]]
            assert metric.meta["direction"] in ("up", "down"), metric.name
            assert row["scope_type"] in ("all", *metric.meta["allowed_slices"]), metric.name


def test_every_ratio_and_percentile_has_a_least_number_of_cases_or_says_why_not() -> None:
    """Those that are audited have the one of audits; a ratio of two metrics has what both have."""
    silent = {
        name
        for name, metric in METRICS.items()
        if (metric.denominator or metric.meta["computed_by"] in ("histogram", "python"))
        and metric.meta["minimum"] != "audits"
        and not least_cases(metric)
    }
    assert silent == set()
    exempt = {name for name, metric in METRICS.items() if (metric.meta.get("minimum_n") or {}).get("exempt")}
    assert exempt == {
        "action_on_time_rate", "audit_plan_completion", "configuration_accuracy", "configuration_completeness",
        "freshness_hours", "graphic_exposure_hours_per_productive_hour", "handling_share", "occupancy",
        "root_cause_confirmation_rate", "shrinkage", "utilisation",
    }  # fmt: skip
    counts = {name for name, metric in METRICS.items() if not least_cases(metric) and not metric.denominator}
    assert {"tasks_received", "decisions_made", "backlog_open"} <= counts


def test_the_lock_is_that_of_the_definitions() -> None:
    models = model_digests(ROOT, METRICS.values())
    assert len(models) > 20
    assert changes_since(METRICS.values(), models, (ROOT / "metrics.lock").read_text()) == []


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("tasks.yml", "expr: tasks_attained,", "expr: tasks_due,"),
        ("tasks.yml", "numerator: root tasks decided by the time they were due", "numerator: root tasks decided"),
        ("decisions.yml", "expr: event_on,", "expr: landed_on,"),
        ("quality.yml", "measure: approved_audits", "measure: actioned_audits"),
        ("tasks.yml", "quantile: 0.9}", "quantile: 0.91}"),
        ("workforce.yml", QUOTIENT, f"{QUOTIENT}_initial"),
        ("mart_quality_estimates.yml", "interval_method: rogan_gladen", "interval_method: delta"),
    ],
)
def test_a_metric_changed_without_a_new_version_is_told(file: str, old: str, new: str, tmp_path: Path) -> None:
    changed = load_metrics(copied(tmp_path, file, old, new))
    assert any("give it version" in problem for problem in changes_since(changed, {}, lock_of(METRICS.values(), {})))


def test_a_new_slice_asks_for_no_version_and_a_slice_that_is_gone_does(tmp_path: Path) -> None:
    """Of the metric, and of none of those that read its measures."""
    lock = lock_of(METRICS.values(), {})
    file = "configuration.yml"
    entity = "- {name: queue, type: foreign, expr: queue_id}"
    more = load_metrics(copied(tmp_path / "more", file, entity, f"{entity}\n      - {{name: setting, type: foreign}}"))
    assert changes_since(more, {}, lock) == []
    allowed = copied(tmp_path / "allowed", file, entity, f"{entity}\n      - {{name: setting, type: foreign}}")
    text = (allowed / "semantic" / file).read_text()
    (allowed / "semantic" / file).write_text(
        text.replace("allowed_slices: [queue]", "allowed_slices: [queue, setting]")
    )
    told = changes_since(load_metrics(allowed), {}, lock)
    assert told
    assert all("has slices that are not in metrics.lock" in problem for problem in told)
    fewer = load_metrics(copied(tmp_path / "fewer", file, "allowed_slices: [queue]", "allowed_slices: []"))
    told = changes_since(fewer, {}, lock)
    assert told
    assert all("is no longer sliced by queue: give it version" in problem for problem in told)


def test_a_changed_model_beneath_is_told_with_the_metrics_above(tmp_path: Path) -> None:
    """By its SQL or by a macro that it calls; comments aside."""
    for folder in ("models", "macros"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    lock = lock_of(METRICS.values(), model_digests(tmp_path, METRICS.values()))

    def told(file: str, old: str, new: str) -> list[str]:
        path = tmp_path / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        found = changes_since(METRICS.values(), model_digests(tmp_path, METRICS.values()), lock)
        path.write_text(text)
        return found

    backlog = "models/intermediate/efficiency/int_backlog_daily.sql"
    assert told(backlog, "select", "-- as it was\nselect") == []
    (problem,) = told(backlog, "select", "select distinct")
    assert problem.startswith("int_backlog_daily changed, which is beneath backlog_age_p90, backlog_days_of_cover")
    problems = told("macros/histogram/histogram.sql", "when {{ duration }} <= 0", "when {{ duration }} < 0")
    assert any("turnaround_time_p50" in problem for problem in problems)


def test_a_metric_about_people_whose_people_nobody_counts_is_refused(tmp_path: Path) -> None:
    copied(tmp_path / "models", "tasks.yml", "{area: efficiency, people: people_bits}", "{area: efficiency}")
    with pytest.raises(ValueError, match=r"has a minimum of workers, and the semantic model \w+ counts none"):
        generated_models(tmp_path)


def test_a_semantic_model_without_an_area_is_refused(tmp_path: Path) -> None:
    copied(tmp_path / "models", "tasks.yml", "area: efficiency", "area: speed")
    with pytest.raises(ValueError, match=r"config\.meta\.area is 'speed', and should be one of efficiency"):
        generated_models(tmp_path)


def test_what_a_quotient_is_made_of_changes_the_quotient(tmp_path: Path) -> None:
    models = copied(
        tmp_path, "quality.yml", "expr: final_true_positive_weight + final_true_negative_weight,", "expr: 1,"
    )
    told = changes_since(load_metrics(models), {}, lock_of(METRICS.values(), {}))
    assert any(problem.startswith("cost_per_correct_decision") for problem in told)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("configuration.yml", "unit: share", "units: share", "does not say its unit"),
        ("configuration.yml", "direction: up", "direction: upwards", "direction is 'upwards'"),
        ("configuration.yml", "denominator: settings_expected}", "denominator: settings}", "needs a measure settings"),
        ("configuration.yml", "allowed_slices: [queue]", "allowed_slices: [queue, market]", "allows market"),
        ("configuration.yml", "type: ratio", "type: derived", "write it as simple or ratio"),
        ("workforce.yml", QUOTIENT, "expr: cost_per_decision", "one metric over another"),
        ("workforce.yml", QUOTIENT, "expr: leakage_rate / audit_accuracy", "is sampled"),
        ("workforce.yml", QUOTIENT, "expr: handle_time / audit_accuracy", "over another"),
        ("workforce.yml", QUOTIENT, "expr: csat / audit_accuracy", "allows site"),
        ("mart_quality_estimates.yml", "unit: share", "units: share", "does not say its unit"),
        # A least number of cases that cannot be named, or of what is no ratio.
        ("exposure.yml", "minimum_n: {counts: contents removed whose age is known}", "", "it has no denominator"),
        ("workforce.yml", "minimum_n: {counts: productive hours}", "", "productive_hours is no count of cases"),
        ("decisions.yml", "minimum_n: {counts: minutes of content}", "", "content_minutes is no count of cases"),
        ("support.yml", "minimum_n: {counts: answers}", "minimum_n: {count: answers}", "should have counts"),
        ("support.yml", "minimum_n: {counts: answers}", "minimum_n: 20", "should have counts"),
        ("support.yml", "minimum_n: {counts: answers}", "minimum_n: {at_least: few}", "a whole number"),
        ("support.yml", "minimum_n: {counts: answers}", "minimum_n: {counts: a, exempt: few}", "or exempt"),
        ("tasks.yml", "grains: [day]", "grains: [day]\n        minimum_n: {counts: tasks}", "is a count"),
        ("mart_inter_rater_agreement.yml", "minimum_n: {counts: items}", "", "it has no denominator"),
        ("support.yml", "only_by: instrument", "only_by: channel", "read only by channel"),
    ],
)
def test_a_definition_that_is_not_whole_is_refused(file: str, old: str, new: str, said: str, tmp_path: Path) -> None:
    models = copied(tmp_path, file, old, new)
    with pytest.raises(ValueError, match=said):
        load_metrics(models)
