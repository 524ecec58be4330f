"""What the marts say of appeals, exposure, support, working time and calibration is what the census and the files say.

The sample plants faults in tasks, decisions and audits only: of the other tables, what landed last is what happened.
Each figure is counted anew here, from files, by SQL that shares nothing with the models.
"""

import duckdb
import pytest
from conftest import Project
from counted import ASKED, POLICY, TICKETS, beside_census, compare


@pytest.fixture(scope="module")
def known(tiny: Project, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return beside_census(tiny, tmp_path_factory.mktemp("marts"))


# A machine decides in no queue.
QUEUE = "coalesce(queue_id, '(unmapped)')"


@pytest.mark.parametrize("by", ["language", "market", "automation_level = 'full'", "queue_id", "policy_code"])
def test_appeals(by: str, known: duckdb.DuckDBPyConnection) -> None:
    outcomes = ("upheld", "reversed", "partially_reversed", "withdrawn", "omitted")
    named = {"automation_level = 'full'": "is_automated", "queue_id": QUEUE, "policy_code": POLICY}.get(by, by)
    endings = [(channel, outcome) for channel in ("internal", "out_of_court") for outcome in outcomes]
    mart = f"""
        select decided_on, {by}, sum(decisions), sum(enforcement_actions), sum(appeals), sum(appeals_open),
            sum(appealed_enforcement_actions),
            {", ".join(f"sum({channel}_{outcome})" for channel, outcome in endings)},
            sum(reversals), sum(reversals_implemented), sum(cohort_resolved), sum(appeals_before_decision),
            sum(cohort_upheld), sum(cohort_overturned)
        from mart_appeals where decided_on <= getvariable('settled') group by all
    """
    # All within thirty days of the decision: the sample is shorter.
    counted = f"""
        with decided as (
            select c.* replace (d.policy_code as policy_code), c.decided_by = 'automation' as is_automated,
                c.outcome in ('remove', 'restrict', 'age_restrict', 'label')
                    and (c.decided_by = 'automation' or c.is_production) as is_enforcement_action
            from census_decisions as c inner join happened_decisions as d using (decision_id)
            where c.decided_on <= getvariable('settled')
        ), appealed as (
            select decision_id, count(*) as appeals, count(*) filter (where outcome is null) as still_open,
                bool_or(appellant_type = 'creator') as has_creator,
                {
        ", ".join(
            f"count(*) filter (where channel = '{channel}' and outcome = '{outcome}') as {channel}_{outcome}"
            for channel, outcome in endings
        )
    },
                count(*) filter (where outcome in ('reversed', 'partially_reversed')) as won,
                count(implemented_at) as implemented,
                arg_min_null(resolved_at, appealed_at) filter (where channel = 'internal') is not null as is_resolved,
                arg_min_null(outcome, appealed_at) filter (where channel = 'internal') as first_outcome
            from happened_appeals group by decision_id
        )
        select decided_on, {named}, count(*),
            count(*) filter (where is_enforcement_action), coalesce(sum(appeals), 0), coalesce(sum(still_open), 0),
            count(*) filter (where is_enforcement_action and has_creator),
            {", ".join(f"coalesce(sum({channel}_{outcome}), 0)" for channel, outcome in endings)},
            coalesce(sum(won) filter (where is_enforcement_action), 0),
            coalesce(sum(implemented) filter (where is_enforcement_action), 0),
            count(*) filter (where is_resolved), 0,
            count(*) filter (where first_outcome = 'upheld'),
            count(*) filter (where first_outcome in ('reversed', 'partially_reversed'))
        from decided left join appealed using (decision_id) group by all
    """
    compare(known, mart, counted)


@pytest.mark.parametrize("by", ["'all'", "market", "policy_code"])
def test_removals_of_contents(by: str, known: duckdb.DuckDBPyConnection) -> None:
    mart = f"""
        select reporting_on, {by}, sum(contents_removed), sum(proactive_removals), sum(removals_before_any_view),
            sum(removals_within_24h)
        from mart_exposure where reporting_on <= getvariable('settled') group by all having sum(contents_removed) > 0
    """
    counted = f"""
        with removals as (
            select c.content_id, c.decided_on, c.market, d.policy_code, c.origin, d.views_at_action, d.enforced_at,
                d.decided_at, t.content_created_at,
                row_number() over (partition by c.content_id order by d.decided_at, c.decision_id) as place
            from census_decisions as c
            inner join happened_decisions as d using (decision_id)
            left join happened_tasks as t on t.task_id = c.task_id
            where c.outcome = 'remove' and not c.is_gold and coalesce(c.origin, '') not in ('audit', 'appeal')
                and c.decision_id not in (
                    select decision_id from happened_appeals
                    where outcome in ('reversed', 'partially_reversed') and implemented_at is not null
                )
        ), reported as (
            select distinct content_id from happened_user_reports
        )
        select decided_on, {by.replace("policy_code", POLICY)}, count(*),
            count(*) filter (where coalesce(origin, '') not in ('user_report', 'trusted_flagger')
                and content_id not in (select content_id from reported)),
            count(*) filter (where views_at_action = 0),
            count(*) filter (where coalesce(enforced_at, decided_at) <= content_created_at + interval 24 hour)
        from removals where place = 1 and decided_on <= getvariable('settled') group by all
    """
    compare(known, mart, counted)


@pytest.mark.parametrize("by", ["'all'", "market", "policy_code"])
def test_sampled_views(by: str, known: duckdb.DuckDBPyConnection) -> None:
    mart = f"""
        select reporting_on, {by}, sum(sampled_views), sum(violative_sampled_views), sum(view_weight)::bigint,
            sum(violative_view_weight)::bigint
        from mart_exposure group by all having sum(sampled_views) > 0
    """
    counted = f"""
        select viewed_on, {by.replace("policy_code", "coalesce(policy_code, '(none)')")}, count(*),
            count(*) filter (where is_violative), sum(1 / inclusion_probability)::bigint,
            coalesce(sum(1 / inclusion_probability) filter (where is_violative), 0)::bigint
        from happened_view_samples group by all
    """
    compare(known, mart, counted)


@pytest.mark.parametrize("by", ["'all'", "group_id", "channel", "priority"])
def test_tickets(by: str, known: duckdb.DuckDBPyConnection) -> None:
    opened = f"""
        select reporting_on, {by}, sum(tickets_created) from mart_support_experience
        group by all having sum(tickets_created) > 0
    """
    compare(known, opened, f"select cast(created_at as date), {by}, count(*) from {TICKETS} group by all")
    solved = f"""
        select reporting_on, {by}, sum(tickets_solved), sum(tickets_reopened), sum(solved_with_replies),
            sum(one_touch_tickets)
        from mart_support_experience group by all having sum(tickets_solved) > 0
    """
    compare(
        known,
        solved,
        f"""
        select cast(first_solved_at as date), {by}, count(*), count(*) filter (where is_reopened), count(replies),
            count(*) filter (where replies = 1)
        from {TICKETS} where first_solved_at is not null group by all
        """,
    )


def test_a_first_reply_takes_what_the_files_say(known: duckdb.DuckDBPyConnection) -> None:
    # Of cells with one reply the median is that reply; a histogram has it within a hundredth.
    rows = known.execute(
        f"""
        with counted as (
            select cast(replied_at as date) as reporting_on, group_id, channel, priority, count(*) as replies,
                min(epoch(replied_at) - epoch(created_at)) as seconds
            from {TICKETS} where replied_at is not null group by all having count(*) = 1
        )
        select seconds, first_reply_time_p50_seconds, tickets_replied
        from counted left join mart_support_experience using (reporting_on, group_id, channel, priority)
        """
    ).fetchall()
    assert len(rows) > 50
    assert all(replied == 1 and abs(median / seconds - 1) <= 0.0101 for seconds, median, replied in rows)


@pytest.mark.parametrize("by", ["'all'", "group_id", "channel", "priority", "instrument"])
@pytest.mark.parametrize("table", ["mart_support_experience", "mart_satisfaction"])
def test_satisfaction(table: str, by: str, known: duckdb.DuckDBPyConnection) -> None:
    """The one mart has the ratings, which `csat_instrument` names; the other has every instrument."""
    if (table, by) == ("mart_support_experience", "instrument"):
        pytest.skip("of one instrument")
    mart = f"""
        select reporting_on, {by}, sum(satisfaction_asked), sum(satisfaction_answered), sum(satisfied_answers)
        from {table} group by all having sum(satisfaction_asked) > 0
    """
    counted = f"""
        select cast(asked_at as date), {by}, count(*), count(*) filter (where is_answered),
            count(*) filter (where is_satisfied)
        from {ASKED} {"where instrument = 'rating'" if table == "mart_support_experience" else ""} group by all
    """
    compare(known, mart, counted)


PAID_TIME = {
    "utilisation": ("handling_seconds + idle_seconds", "paid_seconds"),
    "handling_share": ("handling_seconds", "paid_seconds"),
    "shrinkage": ("paid_seconds - handling_seconds - idle_seconds", "paid_seconds"),
    "occupancy": ("handling_seconds", "handling_seconds + idle_seconds"),
}
WORKERS = {"all": "'all'", "site": "site_id", "vendor": "vendor_id", "team": "team_id"}


@pytest.mark.parametrize(
    ("metric", "slice_type", "member"),
    [
        # Of activity, only what was worked has a queue.
        ("occupancy", "queue", QUEUE),
        *[(metric, slice_type, member) for metric in PAID_TIME for slice_type, member in WORKERS.items()],
    ],
)
def test_paid_time(metric: str, slice_type: str, member: str, known: duckdb.DuckDBPyConnection) -> None:
    numerator, denominator = PAID_TIME[metric]
    mart = f"""
        select period_start, slice, numerator, denominator from mart_metric_series
        where metric_id = '{metric}' and grain = 'week' and scope = 'all' and slice_type = '{slice_type}'
    """
    counted = f"""
        with worked as (
            select * from happened_activity as a
            asof inner join happened_moderators as m
                on m.moderator_id = a.moderator_id and m.valid_from <= a.activity_on
        )
        select cast(activity_on - (isodow(activity_on) - 1)::integer as date), {member}, sum({numerator}),
            sum({denominator})
        from worked group by all
    """
    compare(known, mart, counted)


def test_calibration(known: duckdb.DuckDBPyConnection) -> None:
    mart = """
        select session_id, rating_round, ratings, missing_ratings, items, raters, referenced_ratings, reference_matches,
            round(percent_agreement, 9)
        from mart_calibration
    """
    counted = """
        with rated as (
            select r.*, k.label as right_label from happened_calibration_ratings as r
            left join (from happened_calibration_ratings where is_reference) as k using (session_id, item_id, round)
            where not r.is_reference
        ), pairs as (
            -- Of each item the share of pairs of raters that agree.
            select a.session_id, a.round, a.item_id, avg(cast(a.label = b.label as double)) as agreed
            from rated as a inner join rated as b
                on a.session_id = b.session_id and a.round = b.round and a.item_id = b.item_id
                and a.rater_id < b.rater_id
            where a.label is not null and b.label is not null
            group by all
        ), agreement as (
            select session_id, round, avg(agreed) as agreed from pairs group by all
        )
        select session_id, round, count(*), count(*) - count(label), count(distinct item_id), count(distinct rater_id),
            count(*) filter (where label is not null and right_label is not null),
            count(*) filter (where label = right_label),
            round(any_value(agreed), 9)
        from rated left join agreement using (session_id, round) group by session_id, round
    """
    compare(known, mart, counted)
    shares = "select session_id, rating_round, label, sum(ratings) from mart_calibration_labels group by all"
    compare(
        known,
        shares,
        "select session_id, round, label, count(*) from happened_calibration_ratings"
        " where not is_reference and label is not null group by all",
    )


@pytest.mark.parametrize("by", ["'all'", "queue_id", "language", "market", "site_id", "vendor_id"])
def test_who_was_audited(by: str, known: duckdb.DuckDBPyConnection) -> None:
    mart = f"""
        select week_starting_on, {by}, sum(audited_decisions), sum(drawn_decisions), sum(targeted_decisions)
        from mart_quality_weekly where week_starting_on + 6 <= getvariable('settled') group by all
    """
    counted = f"""
        with audited as (
            select decision_id, bool_or(sample_design = 'stratified') as is_drawn from happened_audits group by all
        )
        select cast(decided_on - (isodow(decided_on) - 1)::integer as date), {by}, count(*),
            count(*) filter (where is_drawn), count(*) filter (where not is_drawn)
        from audited inner join census_decisions using (decision_id)
        where (decided_by = 'automation' or is_production)
            and decided_on - isodow(decided_on)::integer + 7 <= getvariable('settled') group by all
    """
    compare(known, f"{mart}", counted)
