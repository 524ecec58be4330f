"""What models/semantic says is whole, is in the lock and the catalogue, and does not change unseen."""

import csv
from pathlib import Path

import pytest
from conftest import ROOT

from plumbline.governance.metrics import catalogue_page, changes_since, load_metrics, lock_of

METRICS = {metric.name: metric for metric in load_metrics(ROOT / "models" / "semantic")}


def test_every_target_is_of_a_metric_that_has_a_better_side() -> None:
    with (ROOT / "seeds" / "reference" / "metric_targets.csv").open() as file:
        for row in csv.DictReader(file):
            metric = METRICS[row["metric_id"]]
            assert metric.meta["direction"] in ("up", "down"), metric.name
            assert row["scope_type"] in ("all", *metric.meta["allowed_slices"]), metric.name


def test_the_lock_and_the_catalogue_are_those_of_the_definitions() -> None:
    assert changes_since(METRICS.values(), (ROOT / "metrics.lock").read_text()) == []
    assert (ROOT / "docs" / "metric_catalogue.md").read_text() == catalogue_page(METRICS.values()), "run: make docs"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("tasks.yml", "expr: tasks_attained,", "expr: tasks_due,"),
        ("tasks.yml", "numerator: root tasks decided by the time they were due", "numerator: root tasks decided"),
        ("decisions.yml", "expr: event_on,", "expr: landed_on,"),
        ("quality.yml", "measure: approved_audits", "measure: measured_audits"),
        ("tasks.yml", "quantile: 0.9}", "quantile: 0.91}"),
    ],
)
def test_a_metric_changed_without_a_new_version_is_told(file: str, old: str, new: str, tmp_path: Path) -> None:
    lock = lock_of(METRICS.values())
    for source in (ROOT / "models" / "semantic").glob("*.yml"):
        text = source.read_text()
        if source.name == file:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / source.name).write_text(text)
    assert any("give it version" in problem for problem in changes_since(load_metrics(tmp_path), lock))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("unit: share", "units: share", "does not say its unit"),
        ("direction: up", "direction: upwards", "direction is 'upwards'"),
        ("denominator: settings_expected}", "denominator: settings}", "needs a measure settings"),
        ("allowed_slices: [queue]", "allowed_slices: [queue, market]", "allows market"),
        ("type: ratio", "type: derived", "write it as simple or ratio"),
    ],
)
def test_a_definition_that_is_not_whole_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = (ROOT / "models" / "semantic" / "configuration.yml").read_text()
    assert old in text
    (tmp_path / "configuration.yml").write_text(text.replace(old, new))
    with pytest.raises(ValueError, match=said):
        load_metrics(tmp_path)
