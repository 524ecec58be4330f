"""What the demo gives: each planted figure, by a query on the marts."""

import datetime as dt
import json
from pathlib import Path

import pytest
from conftest import Project
from planted import effects, measured, misses

from plumbline.sample import plants, world

# What needs inference to be found stands here until the model that finds it does: plant -> the model. Its figures are
# held all the same, by queries on the facts.
PENDING = {
    "policy_change_at_one_site": "root_cause_candidates",
    "three_types_of_moderator": "moderator_segments",
    "experiment_with_effect": "experiment_results",
    "experiment_with_broken_ratio": "experiment_results",
    "coaching_that_works": "action_effects",
    "coaching_of_the_lowest": "action_effects",
    "incident": "incident_candidates",
}


# Found by inference, in test_estimates.py.
FOUND = {"better_vendor_on_harder_queues", "auditor_error", "lenient_auditor"}


def test_the_marts_give_what_is_planted(demo: Project) -> None:
    assert len(effects(demo)) > 50
    assert misses(demo) == []


def test_every_plant_has_a_truth_and_is_pending_where_it_needs_inference() -> None:
    from plumbline.sample.truths import TRUTHS

    assert {truth.plant for truth in TRUTHS} == {plant.name for plant in plants.PLANTS}
    assert set(PENDING) | FOUND == {plant.name for plant in plants.PLANTS if plant.needs_inference}
    assert not set(PENDING) & FOUND


def value(demo: Project, plant: str, role: str, when: str, figure: str, **members: str) -> float:
    (found,) = [
        truth
        for truth in effects(demo)
        if (truth["plant"], truth["role"], truth["when"], truth["figure"], truth["slice"])
        == (plant, role, when, figure, members)
    ]
    return measured(demo, found)


# (plant, figure, slice, twin, least change of the plant, most of the twin); a sign says in which way.
CHANGES = [
    ("automation_takes_easy_items", "average_handle_time", {"queue_id": "comments"}, {"queue_id": "ads"}, 4, 2),
    (
        "policy_change_at_one_site",
        "true_accuracy",
        {"suspected_policy_code": "hate_speech", "language": "es", "site_id": "lisbon"},
        {"suspected_policy_code": "hate_speech", "language": "es", "site_id": "bogota"},
        -0.1,
        0.05,
    ),
    ("hiring_wave", "average_handle_time", {"site_id": "casablanca"}, {"site_id": "bogota"}, 8, 4),
    ("sla_breach", "sla_attainment", {"queue_id": "live"}, {"queue_id": "comments"}, -0.4, 0.02),
    ("cohort_turnaround", "decided_within_a_day", {"queue_id": "accounts"}, {"queue_id": "ads"}, -0.1, 0.01),
    ("cohort_turnaround", "closed_turnaround_p50", {"queue_id": "accounts"}, {"queue_id": "ads"}, -5000, 1200),
]


@pytest.mark.parametrize(("plant", "figure", "where", "twin", "least", "most"), CHANGES)
def test_a_plant_shows_and_its_twin_is_quiet(
    plant: str, figure: str, where: dict[str, str], twin: dict[str, str], least: float, most: float, demo: Project
) -> None:
    planted = value(demo, plant, "plant", "after", figure, **where) - value(
        demo, plant, "plant", "before", figure, **where
    )
    quiet = value(demo, plant, "twin", "after", figure, **twin) - value(demo, plant, "twin", "before", figure, **twin)
    assert planted * least > 0
    assert abs(planted) >= abs(least)
    assert abs(quiet) <= most


# (plant, figure, slice, twin, least by which the plant exceeds its twin)
GAPS = [
    ("site_that_requeues", "skip_rate", {"site_id": "kuala_lumpur"}, {"site_id": "dublin"}, 0.08),
    (
        "moderator_who_skips",
        "skip_rate",
        {"moderator_id": f"M{plants.SKIPPER:05}"},
        {"moderator_id": f"M{plants.SKIPPER_TWIN:05}"},
        0.2,
    ),
    ("errors_all_false_negatives", "audited_precision", {"policy_code": "self_harm"}, {"policy_code": "violence"}, 0.1),
    ("approvals_nobody_audited", "approvals_in_frame", {"queue_id": "accounts"}, {"queue_id": "ads"}, 1),
]


@pytest.mark.parametrize(("plant", "figure", "more", "less", "least"), GAPS)
def test_a_plant_stands_out_from_its_twin(
    plant: str, figure: str, more: dict[str, str], less: dict[str, str], least: float, demo: Project
) -> None:
    found = {
        tuple(truth["slice"].items()): measured(demo, truth)
        for truth in effects(demo)
        if truth["plant"] == plant and truth["figure"] == figure
    }
    assert found[tuple(more.items())] - found[tuple(less.items())] >= least


def test_the_better_vendor_looks_worse_over_all_and_better_in_every_queue(demo: Project) -> None:
    gaps: dict[str, float] = {}
    for truth in effects(demo):
        if truth["plant"] == "better_vendor_on_harder_queues":
            queue = truth["slice"].get("queue_id", "all")
            sign = 1 if truth["role"] == "plant" else -1
            gaps[queue] = gaps.get(queue, 0.0) + sign * measured(demo, truth)
    assert gaps.pop("all") < -0.01
    assert len(gaps) == 4
    assert min(gaps.values()) > 0


def test_every_queue_of_the_mix_shift_improves_while_the_whole_falls(demo: Project) -> None:
    changes = {}
    for truth in effects(demo):
        if truth["plant"] == "mix_shift" and truth["role"] == "plant" and truth["figure"] == "true_accuracy":
            sign = 1 if truth["when"] == "after" else -1
            queue = truth["slice"].get("queue_id", "all")
            changes[queue] = changes.get(queue, 0.0) + sign * measured(demo, truth)
    assert changes.pop("all") < -0.01
    assert len(changes) == 8
    assert min(changes.values()) > 0
    before, after = (
        value(demo, "mix_shift", "twin", when, "true_accuracy", language="pt") for when in ("before", "after")
    )
    assert after > before


def change_of_accuracy(demo: Project, language: str) -> tuple[float, float]:
    """Change of audited accuracy over the day of the mix shift: as it is, and in the mix of queues of before."""
    day = world.FIRST_DAY + dt.timedelta(days=plants.MIX_SHIFT)
    ((raw, standardised),) = demo.query(
        f"""
        with judged as (
            select queue_id, week_starting_on >= date '{day}' as is_after,
                sum(initial_true_positive_weight + initial_true_negative_weight) as decided_rightly,
                sum(initial_true_positive_weight + initial_true_negative_weight + initial_false_positive_weight
                    + initial_false_negative_weight) as judged
            from dev_marts.mart_quality_weekly
            where language = '{language}' and vendor_id <> '(automated)'
                and week_starting_on between date '2026-01-05' and date '2026-06-29'
            group by all
        ), accuracies as (
            select now.is_after, sum(now.decided_rightly) / sum(now.judged) as raw,
                sum(earlier.judged * now.decided_rightly / now.judged) / sum(earlier.judged) as standardised
            from judged as now inner join judged as earlier using (queue_id) where not earlier.is_after group by all
        )
        select sum(raw) filter (where is_after) - sum(raw) filter (where not is_after),
            sum(standardised) filter (where is_after) - sum(standardised) filter (where not is_after)
        from accuracies
        """
    )
    return float(str(raw)), float(str(standardised))


def test_accuracy_falls_by_the_mix_of_queues_alone(demo: Project) -> None:
    """As audits estimate it in the mart; what they estimate of a language differs by a hundredth from draw to draw."""
    raw, standardised = change_of_accuracy(demo, "en")
    assert raw < -0.015
    assert abs(standardised) < 0.005
    raw, standardised = change_of_accuracy(demo, "pt")
    assert abs(raw - standardised) < 0.005


def test_a_site_that_requeues_touches_a_task_more_often(demo: Project) -> None:
    touches = dict(
        demo.query(
            "select slice, sum(numerator) / sum(denominator) from dev_marts.mart_metric_series"
            " where metric_id = 'touches_per_task' and grain = 'month' and scope = 'all' and slice_type = 'site'"
            " and slice not in ('(unmapped)', '(unclaimed)') group by slice"
        )
    )
    found = {str(site): float(str(value)) for site, value in touches.items()}
    assert set(found) == set(world.SITES)
    assert found.pop("kuala_lumpur") > max(found.values()) + 0.03


def test_only_queues_with_planted_faults_have_faults_of_configuration(demo: Project) -> None:
    rows = demo.query(
        "select distinct queue_id from dev_marts.mart_configuration_quality"
        " where settings_missing + settings_wrong + settings_late > 0"
    )
    assert {queue for (queue,) in rows} == {"live", "video_sensitive", "comments"}


def test_of_one_policy_alone_is_more_missed_than_taken_wrongly(demo: Project) -> None:
    shares = dict(
        demo.query(
            """
            select policy_code, sum(false_positive_weight) / sum(false_positive_weight + false_negative_weight)
            from dev_marts.mart_policy_errors group by policy_code
            """
        )
    )
    found = {str(policy): float(str(share)) for policy, share in shares.items()}
    assert len(found) == len(world.POLICIES)
    assert found.pop("self_harm") < 0.35
    assert min(found.values()) > 0.55


def test_what_the_skipper_skips_is_hard(demo: Project) -> None:
    hard = dict(
        demo.query(
            f"""
            select person_id, avg(cast(not census.is_easy as double))
            from dev_marts.fct_decisions as decisions
            inner join dev_marts.fct_decision_people using (decision_id)
            inner join people.dev_intermediate.int_people on person_key = moderator_key
            inner join '{demo.landing}/_census/decisions/*.parquet' as census using (decision_id)
            where decisions.outcome = 'skip'
                and person_id in ('M{plants.SKIPPER:05}', 'M{plants.SKIPPER_TWIN:05}')
            group by person_id
            """
        )
    )
    assert float(str(hard[f"M{plants.SKIPPER:05}"])) > 0.9
    # As in what came to them: about half of it is hard.
    assert float(str(hard[f"M{plants.SKIPPER_TWIN:05}"])) < 0.6


def test_targeted_audits_pooled_with_drawn_ones_are_far_from_the_truth(demo: Project) -> None:
    (truth,) = [
        truth
        for truth in effects(demo)
        if truth["plant"] == "targeted_audits" and truth["figure"] == "audited_accuracy"
    ]
    ((pooled,),) = demo.query(
        "select avg(cast((audits.audited_outcome = 'no_violation') = (decisions.outcome = 'no_violation') as double))"
        " from dev_marts.fct_audits as audits inner join dev_marts.fct_decisions as decisions using (decision_id)"
        " where audits.audited_outcome <> 'unauditable' and audits.audit_round = 1"
        " and decisions.outcome not in ('skip', 'escalate') and decisions.is_production"
    )
    assert float(str(pooled)) < truth["value"] - 3 * truth["tolerance"]


def test_what_is_won_back_by_disputes_is_the_disputer_s(demo: Project) -> None:
    def won(role: str, vendor: str) -> float:
        final, initial = (
            value(demo, "vendor_disputes_everything", role, "while", figure, vendor_id=vendor)
            for figure in ("final_audited_accuracy", "audited_accuracy")
        )
        return final - initial

    assert won("plant", "palmera") > 0.03
    assert won("twin", "northgate") < 0.01


def test_a_vendor_with_harder_queues_is_behind_as_it_is_and_ahead_in_one_mix(demo: Project) -> None:
    """As the scorecard estimates by audits, so the census has it of every decision of the quarter."""
    (estimated,) = demo.query(
        "select initial_raw_gap, initial_standardised_gap, initial_overlap_share from dev_marts.mart_vendor_scorecard"
        " where vendor_id = 'northgate' and compared_vendor_id = 'in_house' and quarter_starting_on = date '2026-04-01'"
    )
    raw, standardised, overlap = (float(str(value)) for value in estimated)
    ((true_raw, true_standardised),) = demo.query(
        f"""
        with judged as (
            select *, (outcome = 'no_violation') = (true_outcome = 'no_violation') as is_correct
            from '{demo.landing}/_census/decisions/*.parquet'
            where is_production and outcome not in ('skip', 'escalate') and vendor_id in ('northgate', 'in_house')
                and decided_on between date '2026-04-01' and date '2026-06-30'
        ), strata as (
            select queue_id, suspected_policy_code, language, content_type, count(*) as decisions,
                avg(cast(is_correct as double)) filter (where vendor_id = 'northgate') as one,
                avg(cast(is_correct as double)) filter (where vendor_id = 'in_house') as other
            from judged group by all
        )
        select
            (select avg(cast(is_correct as double)) filter (where vendor_id = 'northgate')
                - avg(cast(is_correct as double)) filter (where vendor_id = 'in_house') from judged),
            sum((one - other) * decisions) / sum(decisions)
        from strata where one is not null and other is not null
        """
    )
    assert float(str(true_raw)) < 0 < float(str(true_standardised))
    assert raw < 0 < standardised
    # A few hundred audits of each vendor in what they share: a standard error of somewhat over a hundredth.
    assert raw == pytest.approx(float(str(true_raw)), abs=0.03)
    assert standardised == pytest.approx(float(str(true_standardised)), abs=0.04)
    assert 0.3 < overlap < 1


def test_appeals_tell_what_audits_by_a_stale_guideline_do_not(demo: Project) -> None:
    def won(role: str, market: str) -> float:
        return value(
            demo, "stale_guideline", role, "after", "appeal_overturn_rate", policy_code="misinformation", market=market
        )

    assert won("plant", "MX") > won("twin", "ID") + 0.2
    # Of what was decided as misinformation there, auditors call right what is not.
    ((audited,),) = demo.query(
        """
        select sum(initial_true_positive_weight) / sum(initial_true_positive_weight + initial_false_positive_weight)
        from dev_marts.mart_quality_weekly
        where market = 'MX' and decided_policy_code = 'misinformation' and week_starting_on >= date '2026-04-20'
        """
    )
    census = demo.landing / "_census" / "decisions" / "*.parquet"
    ((right,),) = demo.query(
        f"""
        select avg(cast(true_outcome <> 'no_violation' as double)) from '{census}'
        where market = 'MX' and policy_code = 'misinformation' and decided_on >= date '2026-04-20'
            and decided_by = 'human'
        """
    )
    assert float(str(audited)) > float(str(right)) + 0.2


def test_users_are_unhappy_with_a_stale_guideline(demo: Project) -> None:
    satisfied = dict(
        demo.query(
            f"""
            select decisions.market, avg(ratings.score)
            from dev_staging.stg_support__satisfaction_rating as ratings
            inner join dev_staging.stg_support__ticket_links as links using (ticket_id)
            inner join dev_marts.fct_decisions as decisions using (decision_id)
            inner join (select task_id, suspected_policy_code from dev_marts.fct_tasks) as tasks using (task_id)
            where tasks.suspected_policy_code = 'misinformation' and decisions.market in ('MX', 'ID')
                and decisions.decided_on > date '{world.FIRST_DAY + dt.timedelta(days=plants.STALE_GUIDELINE)}'
            group by 1 having count(*) >= 100
            """
        )
    )
    assert float(str(satisfied["MX"])) < 0.4
    assert float(str(satisfied["ID"])) > 0.6


# What audits tell of on either side of a day: the slice, and that day.
AUDITED_SLICES = [
    ("tasks.suspected_policy_code = 'hate_speech' and language = 'es' and site_id = 'lisbon'", plants.POLICY_CHANGE),
    ("tasks.suspected_policy_code = 'hate_speech' and language = 'es' and site_id = 'bogota'", plants.POLICY_CHANGE),
    ("language = 'en'", plants.MIX_SHIFT),
    ("language = 'pt'", plants.MIX_SHIFT),
    ("tasks.suspected_policy_code = 'misinformation' and decisions.market = 'MX'", plants.STALE_GUIDELINE),
    ("tasks.suspected_policy_code = 'misinformation' and decisions.market = 'ID'", plants.STALE_GUIDELINE),
]


@pytest.mark.parametrize(("where", "day"), AUDITED_SLICES)
def test_planted_slices_have_150_audits_a_side(where: str, day: int, demo: Project) -> None:
    first = world.FIRST_DAY + dt.timedelta(days=day)
    (sides,) = demo.query(
        f"""
        with decisions as (select * from dev_marts.fct_decisions)
        select count(*) filter (where decisions.decided_on < date '{first}'),
            count(*) filter (where decisions.decided_on >= date '{first}')
        from dev_marts.fct_verdicts
        inner join decisions using (decision_id)
        inner join (select task_id, suspected_policy_code from dev_marts.fct_tasks) as tasks using (task_id)
        where {where.replace("language", "decisions.language").replace("site_id", "decisions.site_id")}
        """
    )
    assert min(int(str(side)) for side in sides) >= 150


def test_the_sample_has_no_truths_where_it_has_no_room_for_them(tiny_sample: Path) -> None:
    assert json.loads((tiny_sample / "truths.json").read_text())["effects"] == []


def test_what_is_closed_gets_faster_while_what_came_in_gets_slower(demo: Project) -> None:
    """The queue whose old tasks are left lying, and its twin: 90 % of what is closed, and of what came in."""

    def hours(queue: str, weeks: str) -> tuple[float, float, float]:
        ((cohort, at_least),) = demo.query(
            "select avg(turnaround_p90_seconds) / 3600, avg(cast(is_p90_at_least as integer))"
            f" from dev_marts.mart_turnaround_cohorts where queue_id = '{queue}' and week_starting_on {weeks}"
        )
        ((closed,),) = demo.query(
            "select avg(metric_value) / 3600 from dev_reports.rpt_metric_values where metric_id = 'turnaround_time_p90'"
            f" and grain = 'week' and scope = 'all' and slice = '{queue}' and period_start {weeks}"
        )
        return float(str(closed)), float(str(cohort)), float(str(at_least))

    before, after = "< date '2026-05-18'", "between date '2026-06-01' and date '2026-07-06'"
    (closed_then, cohort_then, bound_then), (closed_now, cohort_now, bound_now) = (
        hours("accounts", weeks) for weeks in (before, after)
    )
    assert closed_now < 0.7 * closed_then
    assert cohort_now > 10 * cohort_then
    # In one week of twenty, one or two tasks move the percentile by more than a twentieth.
    assert bound_then <= 0.05
    assert bound_now == 1
    for closed, cohort, bound in (hours("ads", before), hours("ads", after)):
        assert closed == pytest.approx(cohort, rel=0.1)
        assert bound <= 0.05


def test_a_site_that_missed_a_training_stands_beside_its_errors(demo: Project) -> None:
    reached = demo.query(
        "select site_id, max(people_reached_so_far) from dev_marts.mart_coaching_and_training"
        " where kind = 'training' and topic = 'hate_speech_v2' group by site_id"
    )
    people = {str(site): int(str(count)) for site, count in reached}
    assert people.pop("lisbon") == 0
    assert len(people) == 5
    assert min(people.values()) > 5
