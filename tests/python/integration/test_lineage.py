"""Lineage says what a model is made of: `+model` lists what would change it, and nothing else."""

from typing import Any

import pytest

PEOPLE = {
    "actions.management_actions",
    "experiments.assignments",
    "moderation.decisions",
    "moderation.queue_configurations",
    "moderation.task_claims",
    "quality.audits",
    "quality.calibration_ratings",
    "support.ticket",
    "workforce.activity",
    "workforce.coaching_sessions",
    "workforce.moderators",
    "workforce.training_completions",
}
CLOCKS = {"support.schedule", "support.schedule_holiday"}
# The landed tables that each is made of; `landing` tells up to when things are known.
SOURCES = {
    # Tasks are answered for by who decided or claimed them, in the hours of a schedule; the calendar ends with the last
    # event, those of tickets among them.
    "mart_backlog_daily": {
        "landing.files", "landing.ledger", "moderation.decisions", "moderation.task_claims", "moderation.tasks",
        "support.ticket", "workforce.activity", "workforce.moderators", *CLOCKS,
    },
    # Who rates is a person with a key, and a key is made of the ids of all tables that name people.
    "mart_calibration": PEOPLE,
    "mart_appeals": {"appeals.appeals", "landing.files", "landing.ledger", "moderation.tasks", *PEOPLE, *CLOCKS},
}  # fmt: skip


def ancestors(manifest: dict[str, Any], model: str) -> set[str]:
    """All above a model, by dbt's own graph."""
    found: set[str] = set()
    waiting = [f"model.plumbline.{model}"]
    while waiting:
        for parent in manifest["parent_map"][waiting.pop()]:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


@pytest.mark.parametrize("mart", SOURCES)
def test_a_mart_has_the_sources_that_it_is_made_of(mart: str, manifest: dict[str, Any]) -> None:
    found = {name.removeprefix("source.plumbline.") for name in ancestors(manifest, mart) if name.startswith("source.")}
    assert found == SOURCES[mart]


def test_a_benchmark_stands_above_what_shows_or_counts_it(manifest: dict[str, Any]) -> None:
    """It stood above 99 models, through the last day of landing. What remains is the accounting of rows."""
    models = [name for name in manifest["parent_map"] if name.startswith("model.")]
    below = [name for name in models if "source.plumbline.benchmarks.cger" in ancestors(manifest, name.split(".")[-1])]
    assert len(below) <= 31, below
