"""The same number by two routes: marts against SQL written here over facts, staging or the landed files themselves."""

import pytest
from conftest import Project

LANDED = "read_parquet('{landing}/{table}/*/sample.parquet', hive_partitioning = false)"


def one(project: Project, sql: str) -> tuple[object, ...]:
    return project.query(sql)[0]


def test_volume_and_handling_time(tiny: Project) -> None:
    mart = one(
        tiny,
        "select sum(decisions_made), sum(production_decisions), sum(skips), sum(handled_decisions), sum(handle_seconds)"
        " from dev_marts.mart_efficiency_daily",
    )
    facts = one(
        tiny,
        """
        select
            count(*),
            count(case when is_production then 1 end),
            count(case when is_production and outcome = 'skip' then 1 end),
            count(case when is_production and outcome <> 'skip' and handle_seconds is not null then 1 end),
            sum(case when is_production then handle_seconds end)
        from dev_marts.fct_decisions
        """,
    )
    assert mart == facts
    assert all(facts)


def test_decisions_are_those_that_landed(tiny: Project) -> None:
    """From the files: every id of the honest files once, however often it landed."""
    files = LANDED.format(landing=tiny.landing, table="moderation/decisions")
    assert one(tiny, f"select count(distinct decision_id) from {files}") == one(
        tiny, "select count(*) from dev_marts.fct_decisions"
    )


@pytest.mark.parametrize("queue", ["video_general", "live"])
def test_service_level(tiny: Project, queue: str) -> None:
    mart = one(
        tiny,
        "select sum(tasks_received), sum(tasks_due), sum(tasks_attained) from dev_marts.mart_efficiency_daily"
        f" where queue_id = '{queue}'",
    )
    # From the files: the last state of each root, due by the queue's SLA, decided by its last final decision.
    tasks, decisions = (
        LANDED.format(landing=tiny.landing, table=f"moderation/{name}") for name in ("tasks", "decisions")
    )
    sla = {"video_general": 86400, "live": 1800}[queue]
    by_hand = one(
        tiny,
        f"""
        with t as (
            select * from {tasks} qualify row_number() over (partition by task_id order by _landed_at desc) = 1
        ), d as (
            select * from {decisions} qualify row_number() over (partition by decision_id order by _landed_at desc) = 1
        ), final as (
            select coalesce(t.root_task_id, t.task_id) as root, max(d.decided_at) as decided_at
            from d inner join t using (task_id) where d.outcome not in ('skip', 'escalate') group by all
        ), roots as (
            select t.*, t.enqueued_at + to_seconds({sla}) as due, final.decided_at,
                due < timestamp '2026-01-15' and (close_reason is distinct from 'deleted' or closed_at > due) as is_due
            from t left join final on final.root = t.task_id
            where t.root_task_id is null and queue_id = '{queue}' and not is_gold and origin not in ('audit', 'appeal')
        )
        select
            count(*),
            count(case when is_due then 1 end),
            count(case when is_due and decided_at <= due then 1 end)
        from roots
        """,
    )
    assert mart == by_hand
    assert 0 < by_hand[2] < by_hand[1] < by_hand[0]


def test_percentiles_of_turnaround_are_within_one_percent(tiny: Project) -> None:
    rows = tiny.query(
        """
        with exact as (
            select decided_on as reporting_on, queue_id, market, language, site_id, vendor_id, count(*) as n,
                quantile_disc(turnaround_seconds, 0.5) as p50, quantile_disc(turnaround_seconds, 0.9) as p90
            from dev_marts.fct_tasks where is_production and decided_on is not null group by all
        )
        select
            count(*), count(case when m.terminal_decisions = n then 1 end),
            max(abs(m.turnaround_p50_seconds - p50) / p50), max(abs(m.turnaround_p90_seconds - p90) / p90)
        from exact
        left join dev_marts.mart_efficiency_daily as m
            using (reporting_on, queue_id, market, language, site_id, vendor_id)
        """
    )
    cells, equal, worst_p50, worst_p90 = rows[0]
    assert cells > 1000
    assert equal == cells
    assert worst_p50 <= 0.01 + 1e-9
    assert worst_p90 <= 0.01 + 1e-9


def test_accuracy_is_that_of_the_verdicts(tiny: Project) -> None:
    mart = one(
        tiny,
        """
        select sum(initial_true_positive_weight + initial_true_negative_weight)
                / sum(initial_true_positive_weight + initial_true_negative_weight + initial_false_positive_weight
                    + initial_false_negative_weight),
            sum(drawn_decisions), sum(targeted_decisions)
        from dev_marts.mart_quality_weekly
        """,
    )
    # From staging, for the sample's simple cases: single audits and agreeing pairs of drawn decisions.
    by_hand = one(
        tiny,
        """
        with first_round as (
            select decision_id, min(audited_outcome) as lowest, max(audited_outcome) as highest,
                max(inclusion_probability) as p, max(sample_design) as design
            from dev_staging.stg_quality__audits
            where audit_round = 1 and audited_outcome <> 'unauditable' group by decision_id
        ), later as (
            select decision_id, audited_outcome as outcome from dev_staging.stg_quality__audits where audit_round = 2
        ), verdicts as (
            select decision_id, p, coalesce(later.outcome, case when lowest = highest then lowest end) as outcome
            from first_round left join later using (decision_id) where design <> 'targeted'
        )
        select sum(case when (v.outcome = 'no_violation') = (d.outcome = 'no_violation') then 1 / p end) / sum(1 / p)
        from verdicts as v inner join dev_staging.stg_moderation__decisions as d using (decision_id)
        left join dev_staging.stg_moderation__tasks as t using (task_id)
        where v.outcome is not null and d.outcome not in ('skip', 'escalate')
            and (d.automation_level = 'full' or not t.is_gold and t.origin not in ('audit', 'appeal'))
        """,
    )
    assert float(mart[0]) == pytest.approx(float(by_hand[0]), rel=1e-6)
    assert mart[1] > 200
    assert mart[2] > 20


def test_a_vendor_sees_what_its_own_decisions_give(tiny: Project) -> None:
    """The scope of a vendor is computed from its rows alone, so nothing in it can be subtracted from another's."""
    rows = tiny.query(
        "select period_start, n, metric_value from dev_reports.rpt_metric_values where metric_id = 'audit_accuracy'"
        " and grain = 'week' and scope = 'northgate' and slice_type = 'all' and is_reportable order by 1"
    )
    by_hand = tiny.query(
        """
        select cast(date_trunc('week', decided_on) as date), count(final_cell),
            sum(case when final_cell in ('true_positive', 'true_negative') then weight end)
                / sum(case when final_cell is not null then weight end)
        from dev_marts.fct_verdicts
        where vendor_id = 'northgate' and is_production and weight is not null
        group by 1 having count(final_cell) >= 30 order by 1
        """
    )
    assert len(rows) >= 2
    assert [row[:2] for row in rows] == [row[:2] for row in by_hand]
    assert [float(row[2]) for row in rows] == pytest.approx([float(row[2]) for row in by_hand], rel=1e-9)


def test_hours_are_those_of_the_activity_files(tiny: Project) -> None:
    files = LANDED.format(landing=tiny.landing, table="workforce/activity")
    assert one(tiny, f"select sum(handling_seconds), sum(idle_seconds) from {files}") == one(
        tiny, "select sum(productive_handling_seconds), sum(idle_seconds) from dev_marts.mart_efficiency_daily"
    )


def test_tickets_are_those_of_the_files(tiny: Project) -> None:
    files = LANDED.format(landing=tiny.landing, table="support/ticket")
    history = LANDED.format(landing=tiny.landing, table="support/ticket_field_history")
    assert one(
        tiny, f"select count(distinct id), (select count(distinct event_id) from {history}) from {files}"
    ) == one(tiny, "select sum(tickets_created), sum(ticket_events) from dev_marts.mart_support_experience")
