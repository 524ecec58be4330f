"""The series of metrics whose population is in the files: every slice that a metric allows, counted anew by month.

The sample plants faults in tasks, decisions and audits only: of the other tables, what landed last is what happened.
"""

import duckdb
import pytest
from conftest import ROOT, Project
from counted import ASKED, POLICY, TICKETS, beside_census, compare
from test_census import TRUE_METRICS

from plumbline.governance.metrics import load_metrics


@pytest.fixture(scope="module")
def known(demo: Project, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return beside_census(demo, tmp_path_factory.mktemp("marts"))


# Months of which every cohort is a window old.
MONTHS = "between date '2026-01-01' and date '2026-04-01'"
# Actions and their reviews are few and late; none of them waits for a window.
EVER = {"action_on_time_rate", "root_cause_confirmation_rate"}
SEEDS = ROOT / "seeds" / "reference"
MEMBERS = {
    "all": "'all'", "queue": "coalesce(queue_id, '(unmapped)')", "suspected_policy": "suspected_policy_code",
    "decided_policy": POLICY, "market": "market", "language": "language", "site": "site_id", "vendor": "vendor_id",
    "support_group": "group_id", "channel": "channel", "priority": "priority", "stratum": "stratum",
    "department": "department", "subject_type": "subject_type", "instrument": "instrument",
    "automation": "case when is_automated then 'automation' else 'people' end",
}  # fmt: skip

APPEALED = """(
    select c.* replace (d.policy_code as policy_code), c.outcome in ('remove', 'restrict', 'age_restrict', 'label')
            and (c.decided_by = 'automation' or c.is_production) as is_enforcement_action,
        c.outcome = 'no_violation' and (c.decided_by = 'automation' or c.is_production) as is_left_up,
        c.decided_by = 'automation' as is_automated, a.*
    from census_decisions as c
    inner join happened_decisions as d on c.decision_id = d.decision_id
    left join (
        select a.decision_id as appealed_id,
            bool_or(appellant_type = 'creator') filter (where appealed_at <= decided_at + interval 30 day)
                as has_creator,
            count(*) filter (where a.outcome in ('reversed', 'partially_reversed')) as won,
            count(*) filter (where a.outcome in ('reversed', 'partially_reversed') and implemented_at is not null)
                as taken_back,
            arg_min_null(a.outcome, appealed_at) filter (
                where channel = 'internal' and appealed_at <= decided_at + interval 30 day
            ) as first_outcome,
            arg_min_null(a.outcome, appealed_at) filter (
                where channel = 'internal' and appealed_at <= decided_at + interval 30 day
                    and appellant_type = 'creator'
            ) as creator_outcome,
            arg_min_null(a.outcome, appealed_at) filter (
                where channel = 'internal' and appealed_at <= decided_at + interval 30 day
                    and appellant_type = 'reporter'
            ) as reporter_outcome
        from happened_appeals as a inner join happened_decisions as d on a.decision_id = d.decision_id
        group by a.decision_id
    ) as a on c.decision_id = a.appealed_id
)"""
WON = "first_outcome in ('reversed', 'partially_reversed')"
TAKEN_BY_AUTOMATION = "is_enforcement_action and is_automated"
DECIDED = "first_outcome in ('upheld', 'reversed', 'partially_reversed')"
OVERTURNED = "count(*) filter (where {1} and {0}_outcome in ('reversed', 'partially_reversed'))"
JUDGED = "count(*) filter (where {1} and {0}_outcome in ('upheld', 'reversed', 'partially_reversed'))"
AUDITED = """(
    select c.*, a.* from census_decisions as c
    left join (
        select decision_id as audited_id, bool_or(dispute_status is not null) as is_disputed,
            count(*) filter (where dispute_status = 'accepted') as accepted,
            count(*) filter (where dispute_status in ('accepted', 'rejected')) as settled,
            list(audited_outcome) filter (
                where audit_round = 1 and review_mode <> 'open' and audited_outcome not in ('skip', 'unauditable')
            ) as said,
            arg_max(audited_outcome, audit_round) filter (where audit_round > 1) as adjudicated,
            list_distinct(list(audited_outcome) filter (
                where audit_round = 1 and audited_outcome not in ('escalate', 'skip', 'unauditable')
            )) as first_said
        from happened_audits group by decision_id
    ) as a on c.decision_id = a.audited_id
    where c.decided_by = 'human' and c.is_production
)"""
PAIR = "len(said) = 2"
# What the audits say before any dispute: sampled pairs that differ are adjudicated, and nobody disputes those.
INITIAL = "coalesce(adjudicated, case when len(first_said) = 1 then first_said[1] end)"
ERROR = f"outcome not in ('skip', 'escalate') and (outcome = 'no_violation') <> ({INITIAL} = 'no_violation')"
SETTINGS = f"""(
    with days as (
        select cast(unnest(generate_series(
            (select min(cast(changed_at as date)) from happened_queue_configurations),
            date '2026-05-31', interval 1 day
        )) as date) as checked_on
    ), expected as (
        select e.*, d.checked_on from days as d
        inner join read_csv('{SEEDS}/expected_settings.csv', types = {{'valid_to': 'date'}}, all_varchar = false) as e
            on d.checked_on between e.valid_from and coalesce(e.valid_to, date '9999-12-31')
    )
    select e.queue_id, e.setting, e.checked_on, cast(e.expected_value as varchar) as expected_value, s.value
    from expected as e asof left join happened_queue_configurations as s
        on e.queue_id = s.queue_id and e.setting = s.setting and e.checked_on + interval 1 day > s.changed_at
)"""
RESOLVED = """(
    select * from (
        select c.* replace (d.policy_code as policy_code), epoch(resolved_at) - epoch(appealed_at) as seconds
        from happened_appeals as a inner join census_decisions as c on a.decision_id = c.decision_id
        inner join happened_decisions as d on a.decision_id = d.decision_id
        where channel = 'internal' and appealed_at >= d.decided_at and appealed_at < d.decided_at + interval 30 day
        qualify row_number() over (partition by a.decision_id order by appealed_at, appeal_id) = 1
    )
    where seconds is not null
)"""
REMOVED = """(
    select c.decided_on, c.market, d.policy_code, d.views_at_action,
        coalesce(c.origin, '') not in ('user_report', 'trusted_flagger')
            and c.content_id not in (select content_id from happened_user_reports) as is_proactive,
        epoch(coalesce(d.enforced_at, d.decided_at)) - epoch(t.content_created_at) as seconds
    from census_decisions as c inner join happened_decisions as d on c.decision_id = d.decision_id
    left join happened_tasks as t on t.task_id = c.task_id
    where c.outcome = 'remove' and not c.is_gold and coalesce(c.origin, '') not in ('audit', 'appeal')
        and d.reversed_at is null and c.decision_id not in (
            select decision_id from happened_appeals
            where outcome in ('reversed', 'partially_reversed') and implemented_at is not null
        )
    qualify row_number() over (partition by c.content_id order by d.decided_at, c.decision_id) = 1
)"""
RATED = """(
    select r.*, k.label = r.label as is_match from happened_calibration_ratings as r
    inner join (from happened_calibration_ratings where is_reference) as k using (session_id, item_id, round)
    where not r.is_reference and r.label is not null
)"""
SCORED = """(
    select subject_type, rated_at,
        case when bool_or(is_critical and (score - min_score) / (max_score - min_score) < 0.5) then 0
            else sum(weight * (score - min_score) / (max_score - min_score)) / sum(weight) end as score
    from happened_scorecard_ratings group by subject_type, subject_id, rated_at having sum(weight) > 0
)"""
FRAMES = """(
    select f.*, done from happened_audit_frames as f
    left join (
        select frame_id, stratum, count(distinct decision_id) as done
        from happened_audits inner join census_decisions using (decision_id)
        where audited_outcome not in ('unauditable', 'skip') group by all
    ) using (frame_id, stratum)
)"""
RATED_BY_TOOL = f"(from {ASKED} where instrument = 'rating')"
LAST = "(select max(landed_on) from happened_decisions)"
# Metric -> rows, day, what is counted above and below the line.
COUNTED = {
    "appeal_rate": (
        APPEALED, "decided_on", "count(*) filter (where is_enforcement_action and has_creator)",
        "count(*) filter (where is_enforcement_action)",
    ),
    "appeal_overturn_rate": (
        APPEALED, "decided_on", OVERTURNED.format("creator", "is_enforcement_action"),
        JUDGED.format("creator", "is_enforcement_action")
    ),
    "reporter_appeal_overturn_rate": (
        APPEALED, "decided_on", OVERTURNED.format("reporter", "is_left_up"), JUDGED.format("reporter", "is_left_up")
    ),
    "reinstatement_rate": (
        APPEALED, "decided_on", "coalesce(sum(taken_back) filter (where is_enforcement_action), 0)",
        "coalesce(sum(won) filter (where is_enforcement_action), 0)",
    ),
    "dsa_automation_accuracy": (
        APPEALED, "decided_on",
        "count(*) filter (where is_enforcement_action and"
        f" (is_automated and first_outcome = 'upheld' or not is_automated and {WON}))",
        f"count(*) filter (where is_enforcement_action and {DECIDED})",
    ),
    "dsa_automation_precision": (
        APPEALED, "decided_on", f"count(*) filter (where {TAKEN_BY_AUTOMATION} and first_outcome = 'upheld')",
        f"count(*) filter (where {TAKEN_BY_AUTOMATION} and {DECIDED})",
    ),
    "dsa_automation_recall": (
        APPEALED, "decided_on", f"count(*) filter (where {TAKEN_BY_AUTOMATION} and first_outcome = 'upheld')",
        "count(*) filter (where is_enforcement_action and first_outcome = 'upheld')",
    ),
    "proactive_removal_rate": (REMOVED, "decided_on", "count(*) filter (where is_proactive)", "count(*)"),
    "removal_before_any_view_rate": (
        REMOVED, "decided_on", "count(*) filter (where views_at_action = 0)", "count(views_at_action)"
    ),
    "removal_within_24h_rate": (
        REMOVED, "decided_on", "count(*) filter (where seconds <= 86400)", "count(seconds)"
    ),
    "violative_view_rate": (
        "happened_view_samples", "viewed_on",
        "round(coalesce(sum(1 / inclusion_probability) filter (where is_violative), 0), 6)",
        "round(sum(1 / inclusion_probability), 6)",
    ),
    "reference_match_rate": (RATED, "rated_at", "count(*) filter (where is_match)", "count(*)"),
    "audit_coverage": (AUDITED, "decided_on", "count(audited_id)", "count(*)"),
    "dispute_rate": (
        AUDITED, "decided_on", f"count(*) filter (where is_disputed and {ERROR})", f"count(*) filter (where {ERROR})"
    ),
    "disputed_audit_share": (AUDITED, "decided_on", "count(*) filter (where is_disputed)", "count(audited_id)"),
    "dispute_overturn_rate": (
        AUDITED, "decided_on", "count(*) filter (where accepted > 0)", "count(*) filter (where settled > 0)"
    ),
    "auditor_agreement": (
        AUDITED, "decided_on", f"count(*) filter (where {PAIR} and said[1] = said[2])",
        f"count(*) filter (where {PAIR})",
    ),
    "audit_plan_completion": (FRAMES, "period_start", "sum(least(coalesce(done, 0), planned_n))", "sum(planned_n)"),
    "configuration_accuracy": (
        SETTINGS, "checked_on", "count(*) filter (where value = expected_value)", "count(*)"
    ),
    "configuration_completeness": (SETTINGS, "checked_on", "count(nullif(value, ''))", "count(*)"),
    "one_touch_rate": (
        TICKETS, "first_solved_at", "count(*) filter (where replies = 1)", "count(*) filter (where replies > 0)"
    ),
    "reopen_rate": (TICKETS, "first_solved_at", "count(*) filter (where is_reopened)", "count(*)"),
    "action_on_time_rate": (
        "happened_management_actions", "due_on", "count(*) filter (where cast(closed_at as date) <= due_on)",
        f"count(*) filter (where closed_at is not null or due_on <= {LAST})",
    ),
    "root_cause_confirmation_rate": (
        "happened_rca_reviews", "reviewed_at", "count(*) filter (where verdict = 'confirmed')", "count(*)"
    ),
    "scorecard_quality_score": (SCORED, "rated_at", "round(sum(score), 6)", "count(*)"),
    **{
        f"csat{by}": (rows, "asked_at", "count(*) filter (where is_satisfied)", "count(*) filter (where is_answered)")
        for by, rows in (("", RATED_BY_TOOL), ("_by_instrument", ASKED))
    },
    **{
        f"csat_response_rate{by}": (rows, "asked_at", "count(*) filter (where is_answered)", "count(*)")
        for by, rows in (("", RATED_BY_TOOL), ("_by_instrument", ASKED))
    },
}  # fmt: skip


@pytest.mark.parametrize("name", COUNTED)
def test_every_metric_and_slice_that_the_files_know_is_equal(name: str, known: duckdb.DuckDBPyConnection) -> None:
    rows, day, numerator, denominator = COUNTED[name]
    months = "is not null" if name in EVER else MONTHS
    for slice_type in slices_of(name):
        series = f"""
            select slice, period_start, round(cast(numerator as double), 6), round(cast(denominator as double), 6)
            from mart_metric_series
            where metric_id = '{name}' and grain = 'month' and scope_type = 'all' and slice_type = '{slice_type}'
                and period_start {months} and denominator <> 0
        """
        files = f"""
            select {MEMBERS[slice_type]}, cast(date_trunc('month', {day}) as date) as month, {numerator}, {denominator}
            from {rows} where month {months} group by 1, 2 having {denominator} <> 0
        """
        compare(known, series, files)
    above, below = known.execute(f"select {numerator}, {denominator} from {rows} where {day} {months}").fetchall()[0]
    # The sample's support tool exports the ratings that were given, and no others.
    assert 0 < above <= below if name == "csat_response_rate" else 0 < above < below


# Metric -> rows, day, what is ranked, the share that is passed.
RANKED = {
    "appeal_resolution_time_p50": (RESOLVED, "decided_on", "seconds", 0.5),
    "appeal_resolution_time_p90": (RESOLVED, "decided_on", "seconds", 0.9),
    "time_to_action_p50": (REMOVED, "decided_on", "seconds", 0.5),
    "first_reply_time_p50": (TICKETS, "replied_at", "epoch(replied_at) - epoch(created_at)", 0.5),
    "full_resolution_time_p50": (
        f"(from {TICKETS} where last_status in ('solved', 'closed'))", "last_solved_at",
        "epoch(last_solved_at) - epoch(created_at)", 0.5,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RANKED)
def test_every_percentile_and_slice_that_the_files_know_is_equal(name: str, known: duckdb.DuckDBPyConnection) -> None:
    """The middle of the bucket, of one per cent, in which the one of that rank lies."""
    rows, day, seconds, share = RANKED[name]
    growth = "(1.01 / 0.99)"
    for slice_type in slices_of(name):
        series = f"""
            select slice, period_start, n, round(numerator, 6) from mart_metric_series
            where metric_id = '{name}' and grain = 'month' and scope_type = 'all' and slice_type = '{slice_type}'
                and period_start {MONTHS}
        """
        files = f"""
            select {MEMBERS[slice_type]} as slice, cast(date_trunc('month', {day}) as date) as month, count(*) as n,
                quantile_disc({seconds}, {share}) as seconds
            from {rows} where month {MONTHS} and {seconds} is not null group by 1, 2
        """
        read = f"round(2 * pow({growth}, ceil(ln(seconds) / ln({growth}))) / ({growth} + 1), 6)"
        compare(known, series, f"select slice, month, n, {read} from ({files})")


# Counted elsewhere: by day of the census, by week of paid time, by landed file, or beside what the library says.
ELSEWHERE = {
    "turnaround_time_p50", "turnaround_time_p90", "turnaround_time_p95", "backlog_age_p90",  # test_census.py
    "time_to_first_claim_p50", "time_to_first_claim_p90", "time_to_last_claim_p50", "time_to_last_claim_p90",
    "utilisation", "handling_share", "shrinkage", "occupancy",  # test_census_of_other_tables.py
    "quarantine_rate", "unmapped_rate",  # test_gaps.py
    "attrition_rate",  # test_meanings.py
    "monthly_attrition_rate",  # test_census.py
    # test_metrics.py
    "percent_agreement", "fleiss_kappa", "gwet_ac1", "krippendorff_alpha", "strictness_bias", "freshness_hours",
}  # fmt: skip


def test_every_metric_is_counted_anew_or_estimated() -> None:
    metrics = load_metrics(ROOT / "models")
    estimated = {m.name for m in metrics if m.meta["interval_method"] in ("hajek", "rogan_gladen")}
    assert {m.name for m in metrics} - estimated == {*TRUE_METRICS, *COUNTED, *RANKED, *ELSEWHERE}


def slices_of(name: str) -> list[str]:
    (metric,) = (metric for metric in load_metrics(ROOT / "models") if metric.name == name)
    return ["all", *metric.meta["allowed_slices"]]
