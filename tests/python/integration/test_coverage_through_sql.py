"""Two hundred audited queues, drawn anew from one world, in one build: their intervals hold what is true of it."""

import shutil
from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, Project
from simulations import audits_of_moderators

SEEDS = 200
TRUTH = 0.9


@pytest.fixture(scope="module")
def replicated(new_project: Callable[..., Project]) -> Project:
    project = new_project("replicated")
    seeds = project.folder / "seeds"
    shutil.copytree(ROOT / "seeds", seeds)
    with (seeds / "reference" / "queues.csv").open("a") as file:
        file.writelines(f"queue{seed},Queue {seed},2020-01-01,,86400,,false,\n" for seed in range(SEEDS))
    project.use_seeds(seeds)
    audits = pd.concat(
        audits_of_moderators(np.random.default_rng([7, seed]), 60, 0.2).assign(seed=seed) for seed in range(SEEDS)
    ).reset_index(drop=True)
    tables = {
        "moderation.tasks": """
            'T' || number as task_id, 'queue' || seed as queue_id, 'user_report' as origin, false as is_gold,
            timestamp '2026-03-02 08:00:00' + to_minutes(cast(number % 8000 as bigint)) as enqueued_at
        """,
        "moderation.decisions": """
            'D' || number as decision_id, 'T' || number as task_id, 'M' || seed || '-' || moderator as moderator_id,
            'none' as automation_level, 'remove' as outcome, 'violence' as policy_code,
            timestamp '2026-03-02 09:00:00' + to_minutes(cast(number % 8000 as bigint)) as decided_at
        """,
        "quality.audits": """
            'A' || number as audit_id, 'D' || number as decision_id, 'random' as sample_design,
            1 / weight as inclusion_probability, 'blind' as review_mode, 1 as audit_round, 'QA1' as auditor_id,
            'in_house' as auditor_type,
            timestamp '2026-03-10 09:00:00' as audited_at,
            case when value = 1 then 'remove' else 'no_violation' end as audited_outcome
        """,
    }
    with duckdb.connect() as connection:
        connection.register("drawn", audits.assign(number=range(len(audits))))
        for table, columns in tables.items():
            folder = project.landing.joinpath(*table.split("."), "landed_on=2026-03-12")
            folder.mkdir(parents=True)
            rows = f"select {columns}, 'sample' as _source_system from drawn"
            connection.execute(f"copy ({rows}) to '{folder / 'rows.parquet'}' (format parquet)")
    project.build()
    return project


@pytest.mark.long
def test_intervals_through_sql_hold_the_truth(replicated: Project) -> None:
    rows = replicated.query(
        "select estimate, lower, upper from dev_marts.mart_quality_estimates where metric_id = 'audit_accuracy'"
        " and grain = 'month' and scope = 'all' and slice_type = 'queue' and slice like 'queue%'"
    )
    assert len(rows) == SEEDS
    found = np.array(rows, dtype=float)
    assert found[:, 0].mean() == pytest.approx(TRUTH, abs=0.005)
    inside = ((found[:, 1] <= TRUTH) & (found[:, 2] >= TRUTH)).mean()
    # Of 200, chance moves 95 % by 1.5 points.
    assert 0.915 <= inside <= 0.985
