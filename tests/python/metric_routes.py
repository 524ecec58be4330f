"""Metrics by SQL written by hand, over facts and marts: not by the roll-ups that models/semantic adds up."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ByHand:
    """The rows that a metric is of, the day that they count under, and both sums; no denominator for counts."""

    rows: str
    day: str
    numerator: str
    denominator: str = ""
    whole: str = ""
    """The value itself, where it is not a sum over a sum."""


# The columns that slices stand in.
COLUMNS = {
    "content_type": "content_type",
    "queue": "queue_id", "market": "market", "language": "language", "site": "site_id", "vendor": "vendor_id",
    "suspected_policy": "suspected_policy_code", "true_policy": "true_policy_code",
    "decided_policy": "decided_policy_code", "team": "team_id", "department": "department",
    "support_group": "group_id", "channel": "channel", "priority": "priority", "stratum": "stratum",
    "subject_type": "subject_type", "landed_table": "source_table", "instrument": "instrument",
    "automation": "case when automation_level = 'full' then 'automation' else 'people' end",
}  # fmt: skip

_DECISIONS = "(select *, policy_code as decided_policy_code from dev_marts.fct_decisions)"
_AS_OF = "(select as_of_day from dev_intermediate.int_as_of)"
_TASKS = "(select * from dev_marts.fct_tasks where is_production)"
# By the site and vendor that answer for a task, which need not have decided it.
_ANSWERED_FOR = f"""(
    select * replace (answerable_site_id as site_id, answerable_vendor_id as vendor_id) from {_TASKS}
)"""
_DUE = f"(select * from {_ANSWERED_FOR} where not is_withdrawn and due_on < {_AS_OF})"
# Whatever the zone of a site, each instant has its own day there.
_PEOPLE_DECIDE = """(
    select d.*, cast(timezone(coalesce(s.time_zone, 'UTC'), timezone('UTC', decided_at)) as date) as shift_on
    from dev_marts.fct_decisions as d left join dev_marts.dim_site as s using (site_id)
    where automation_level in ('none', 'partial')
)"""
_SHIFTS = f"(select * from {_PEOPLE_DECIDE} where is_production and outcome <> 'skip')"
# Of each site's day, the share of handling time that was production.
_PRODUCTION_SHARE = f"""(
    select site_id, shift_on, coalesce(
        sum(cast(handle_seconds as double)) filter (where is_production)
        / nullif(sum(cast(handle_seconds as double)), 0), 1
    ) as production_share
    from {_PEOPLE_DECIDE} group by all
)"""
_HOURS = f"""(
    select d.site_id, d.vendor_id, d.activity_on, (d.handling_seconds + d.idle_seconds) / 3600 as all_hours,
        coalesce(s.production_share, 1) as production_share
    from dev_marts.fct_moderator_days as d
    left join {_PRODUCTION_SHARE} as s on s.site_id = d.site_id and s.shift_on = d.activity_on
)"""
# A row per task and day at whose end it waits, and one for the day it leaves.
_WAITING = f"""(
    select queue_id, market, language, 1 as waits, 0 as leaves, calendar_on as waits_on,
        calendar_on - enqueued_on as age
    from {_TASKS} inner join dev_marts.dim_date
        on calendar_on >= enqueued_on and calendar_on < coalesce(cast(ended_at as date), date '9999-01-01')
    where calendar_on < {_AS_OF}
    union all
    select queue_id, market, language, 0, 1, cast(ended_at as date), null from {_TASKS}
    where cast(ended_at as date) < {_AS_OF}
)"""
_TIME = "(select * from dev_marts.fct_moderator_days)"
# Hours land later than decisions; every site of the sample has some.
_TIMED = "(select (site_id, activity_on) from dev_marts.fct_moderator_days)"
# Hours and decisions of each site's day, times the rate of their basis. What is paid by decision is production.
_COSTS = f"""(
    select units.site_id, units.vendor_id, on_day, units * r.rate * x.rate as cost, decisions,
        case when basis = 'decision' then 1 else coalesce(production_share, 1) end as production_share
    from (
        select site_id, vendor_id, activity_on as on_day, role, unnest(['paid_hour', 'productive_hour']) as basis,
            unnest([paid_seconds, handling_seconds + idle_seconds]) / 3600 as units, 0 as decisions
        from (
            -- Who has no rate of their own is paid as a moderator.
            select d.* replace (case when exists (
                select 1 from dev_intermediate.rates as r where r.site_id = d.site_id and r.role = d.role
                    and d.activity_on between r.valid_from and coalesce(r.valid_to, date '9999-01-01')
            ) then role else 'moderator' end as role)
            from dev_marts.fct_moderator_days as d
        )
        union all
        select site_id, vendor_id, shift_on, 'moderator', unnest(['decision', 'paid_hour', 'productive_hour']),
            unnest([1, 0, 0]), 1
        from {_SHIFTS}
    ) as units
    inner join dev_intermediate.rates as r using (site_id, vendor_id, role)
    inner join dev_intermediate.exchange_rates as x using (currency)
    left join {_PRODUCTION_SHARE} as s on s.site_id = units.site_id and s.shift_on = on_day
    where basis = billing_basis and (units.site_id, on_day) in {_TIMED}
        and on_day between r.valid_from and coalesce(r.valid_to, date '9999-01-01')
)"""
# A row per person and day on the roster.
_EMPLOYED = f"""(
    select site_id, vendor_id, team_id, left_on, calendar_on
    from dev_marts.dim_moderator inner join dev_marts.dim_date
        on calendar_on between greatest(valid_from, hired_on) and least(valid_to, coalesce(left_on, valid_to))
    where calendar_on < {_AS_OF} and hired_on is not null
        and calendar_on >= (select first_day from dev_intermediate.int_calendar)
)"""
# The known days of the twelve months that end with each month.
_WINDOWS = f"""(
    select
        counted_in, last_on + 1 - first_on as days, first_on, last_on
    from (
        select cast(date_trunc('month', calendar_on) as date) as counted_in, max(calendar_on) as last_on,
            greatest(
                cast(date_trunc('month', max(calendar_on)) - interval 11 month as date),
                (select first_day from dev_intermediate.int_calendar)
            ) as first_on
        from dev_marts.dim_date
        where calendar_on < {_AS_OF} and calendar_on >= (select first_day from dev_intermediate.int_calendar)
        group by 1
    )
)"""
_DRAWN = """(
    select * from dev_marts.fct_verdicts
    where is_production and sample_design <> 'targeted' and weight is not null
)"""
_MILD_TO_STRICT = "['no_violation', 'label', 'age_restrict', 'restrict', 'remove']"
_AUDITED = "(select * from dev_marts.fct_verdicts where is_production)"
_PRODUCED = "case when is_production then handle_seconds end"


def _weight(*cells: str, stage: str = "final") -> str:
    return f"sum(case when {stage}_cell in ({', '.join(repr(cell) for cell in cells)}) then weight end)"


_TP, _FP, _FN, _TN = "true_positive", "false_positive", "false_negative", "true_negative"
_ALL = _weight(_TP, _FP, _FN, _TN)


def _drawn(numerator: str, denominator: str) -> ByHand:
    return ByHand(_DRAWN, "decided_on", numerator, denominator)


# Disputes and pairs of a decision, from its audits.
_BY_DECISION = """(
    select
        v.*,
        d.is_settled, d.is_accepted, p.is_pair, p.agrees
    from dev_marts.fct_verdicts as v
    left join (
        select decision_id, bool_or(dispute_status in ('accepted', 'rejected')) as is_settled,
            bool_or(dispute_status = 'accepted') as is_accepted
        from dev_marts.fct_audits group by decision_id
    ) as d using (decision_id)
    left join (
        select decision_id, count(*) > 1 as is_pair, count(distinct audited_outcome) = 1 as agrees
        from dev_marts.fct_audits
        where audit_round = 1 and sample_design <> 'targeted' and review_mode <> 'open'
            and audited_outcome in ('no_violation', 'remove', 'restrict', 'age_restrict', 'label', 'escalate')
        group by decision_id
    ) as p using (decision_id)
    where is_production
)"""
# The first internal appeal of each decision within thirty days, of decisions that are as old.
_APPEALS = """(
    select
        a.*, a.policy_code as decided_policy_code,
        row_number() over (partition by decision_id order by appealed_at, appeal_id) = 1 as is_first
    from dev_marts.fct_appeals as a
    where channel = 'internal' and is_within_window and not is_before_decision
        and decided_on + interval 1 day + interval 30 day <= (select as_of from dev_intermediate.int_as_of)
)"""
_OUTCOMES = ("outcome in ('upheld', 'reversed', 'partially_reversed')", "outcome in ('reversed', 'partially_reversed')")


def _appeals_of(appellant: str, decided: str) -> ByHand:
    """Each decision's first internal appeal by that appellant; gold, audits and appeals apart."""
    return ByHand(
        f"""(
            select a.*, a.policy_code as decided_policy_code from dev_marts.fct_appeals as a
            inner join dev_marts.fct_decisions as d using (decision_id)
            where channel = 'internal' and appellant_type = '{appellant}' and d.outcome in {decided}
                and not d.is_gold and d.origin not in ('audit', 'appeal')
                and a.appealed_at between d.decided_at and d.decided_at + interval 30 day - interval 1 microsecond
                and a.decided_on + interval 1 day + interval 30 day <= (select as_of from dev_intermediate.int_as_of)
            qualify row_number() over (partition by decision_id order by appealed_at, appeal_id) = 1
        )""", "decided_on",
        f"count(case when {_OUTCOMES[1]} then 1 end)", f"count(case when {_OUTCOMES[0]} then 1 end)",
    )  # fmt: skip


def _appeals(numerator: str, denominator: str) -> ByHand:
    return ByHand(
        f"(select * from {_APPEALS} where is_first and {_OUTCOMES[0]})", "decided_on",
        f"count(case when {numerator} then 1 end)", f"count(case when {denominator} then 1 end)",
    )  # fmt: skip


# Each rating as it last was, and every survey.
_ASKED = """(
    select asked.*, coalesce(t.group_id, '(none)') as group_id, coalesce(t.channel, '(none)') as channel,
        coalesce(t.priority, '(none)') as priority
    from (
        select 'rating' as instrument, arg_max_null(ticket_id, updated_at) as ticket_id,
            cast(arg_max_null(created_at, updated_at) as date) as asked_on,
            arg_max_null(score, updated_at) is not null as is_answered,
            arg_max_null(score, updated_at) = 1 as is_satisfied
        from dev_staging.stg_support__satisfaction_rating group by id
        union all
        select 'survey: ' || question, ticket_id, cast(asked_at as date), answered_at is not null and score is not null,
            score / scale_max >= 0.8
        from dev_marts.fct_survey_responses
    ) as asked
    left join dev_marts.fct_tickets as t on asked.ticket_id = t.ticket_id
)"""
_RATED = f"(select * from {_ASKED} where instrument = 'rating')"
_ANSWERED = "count(case when is_answered then 1 end)"
_SATISFIED = "count(case when is_answered and is_satisfied then 1 end)"


def _support(numerator: str, denominator: str) -> ByHand:
    return ByHand("dev_marts.mart_support_experience", "reporting_on", f"sum({numerator})", f"sum({denominator})")


def _exposure(numerator: str, denominator: str) -> ByHand:
    rows = "(select *, policy_code as decided_policy_code from dev_marts.mart_exposure)"
    return ByHand(rows, "reporting_on", f"sum({numerator})", f"sum({denominator})")


def _turnaround(share: float) -> ByHand:
    rows = "(select * from dev_marts.fct_tasks where is_production and decided_on is not null)"
    return ByHand(rows, "decided_on", "", whole=f"quantile_disc(turnaround_seconds, {share})")


def _resolution(share: float) -> ByHand:
    rows = f"(select * from {_APPEALS} where is_first and resolution_seconds is not null)"
    return ByHand(rows, "decided_on", "", whole=f"quantile_disc(resolution_seconds, {share})")


BY_HAND = {
    "decisions_made": ByHand(_DECISIONS, "decided_on", "count(*)"),
    "automation_rate": ByHand(
        _DECISIONS, "decided_on", "count(case when is_enforcement_action and automation_level = 'full' then 1 end)",
        "count(case when is_enforcement_action then 1 end)",
    ),
    "automated_decision_share": ByHand(
        _DECISIONS, "decided_on", "count(case when automation_level = 'full' then 1 end)", "count(*)"
    ),
    "average_handle_time": ByHand(
        _DECISIONS, "decided_on", f"sum({_PRODUCED})",
        f"count(case when outcome <> 'skip' then {_PRODUCED} end)",
    ),
    "handle_time_per_content_minute": ByHand(
        _DECISIONS, "decided_on", f"sum(case when content_duration_seconds is not null then {_PRODUCED} end)",
        f"sum(case when {_PRODUCED} is not null then content_duration_seconds end) / 60",
    ),
    "skip_rate": ByHand(
        _DECISIONS, "decided_on", "count(case when is_production and outcome = 'skip' then 1 end)",
        "count(case when is_production then 1 end)",
    ),
    "escalation_rate": ByHand(
        _DECISIONS, "decided_on", "count(case when is_production and outcome = 'escalate' then 1 end)",
        "count(case when is_production then 1 end)",
    ),
    "capped_handle_time_share": ByHand(
        _DECISIONS, "decided_on", "count(case when is_production and is_handle_time_capped then 1 end)",
        "count(case when is_production then 1 end)",
    ),
    "tasks_received": ByHand(_ANSWERED_FOR, "enqueued_on", "count(*)"),
    "terminal_decisions": ByHand(_TASKS, "decided_on", "count(*)"),
    "touches_per_task": ByHand(
        _ANSWERED_FOR, "enqueued_on", "sum(touches)", "count(case when touches > 0 then 1 end)"
    ),
    "sla_attainment": ByHand(_DUE, "due_on", "count(case when decided_at <= due_at then 1 end)", "count(due_at)"),
    **{
        f"sla_attainment_{claim}_claim": ByHand(
            f"(select * from {_DUE} where has_known_claims)", "due_on",
            f"count(case when {claim}_claimed_at <= due_at then 1 end)", "count(due_at)",
        )
        for claim in ("first", "last")
    },
    **{
        f"time_to_{claim}_claim_p{share}": ByHand(
            f"(select * from {_TASKS} where {claim}_claimed_at is not null)", f"cast({claim}_claimed_at as date)", "",
            whole=f"quantile_disc(epoch({claim}_claimed_at) - epoch(enqueued_at), {share / 100})",
        )
        for claim in ("first", "last") for share in (50, 90)
    },
    **{f"turnaround_time_p{share}": _turnaround(share / 100) for share in (50, 90, 95)},
    "shift_decisions": ByHand(
        # A machine works no shift, and makes none of these decisions on any day.
        f"""(
            select site_id, vendor_id, queue_id, shift_on, 1 as decided from {_SHIFTS}
            union all
            select site_id, vendor_id, queue_id, shift_on, 0 from {_PEOPLE_DECIDE}
            union all
            select site_id, vendor_id, queue_id, cast(decided_at as date), 0
            from dev_marts.fct_decisions where is_automated
        )""", "shift_on", "sum(decided)",
    ),
    "throughput_per_productive_hour": ByHand(
        # Two kinds of rows side by side.
        f"""(
            select site_id, vendor_id, activity_on, 0 as decided, all_hours * production_share as hours from {_HOURS}
            union all
            select site_id, vendor_id, shift_on, 1, 0 from {_SHIFTS} where (site_id, shift_on) in {_TIMED}
        )""", "activity_on", "sum(decided)", "sum(hours)",
    ),
    "other_work_share": ByHand(
        _HOURS, "activity_on", "sum(all_hours * (1 - production_share))", "sum(all_hours)"
    ),
    "backlog_open": ByHand(_WAITING, "waits_on", "sum(waits)"),
    "backlog_age_p90": ByHand(_WAITING, "waits_on", "", whole="quantile_disc(age, 0.9) filter (where waits = 1)"),
    "backlog_days_of_cover": ByHand(_WAITING, "waits_on", "sum(waits)", "sum(leaves)"),
    "graphic_exposure_hours_per_productive_hour": ByHand(
        """(
            select *, queue_id in ('video_sensitive', 'minor_safety', 'live') as is_sensitive
            from dev_marts.fct_moderator_days
        )""", "activity_on", "sum(case when is_sensitive then handling_seconds else 0 end)",
        "sum(handling_seconds) + sum(idle_seconds)",
    ),
    "wellness_break_compliance": ByHand(
        """(
            select site_id, vendor_id, team_id, activity_on, moderator_key, sum(wellness_seconds) as wellness,
                sum(paid_seconds) as paid
            from dev_marts.fct_moderator_days group by all having sum(handling_seconds) + sum(idle_seconds) > 0
        )""", "activity_on", "count(case when wellness >= 0.05 * paid then 1 end)", "count(*)",
    ),
    "attrition_rate": ByHand(
        f"(select * from {_EMPLOYED} inner join {_WINDOWS} on calendar_on between first_on and last_on)", "counted_in",
        "count(case when left_on = calendar_on then 1 end)", "sum(1 / days)",
    ),
    "monthly_attrition_rate": ByHand(
        f"(select * from {_EMPLOYED} inner join {_WINDOWS} on calendar_on between greatest(first_on, counted_in)"
        " and last_on)", "counted_in", "count(case when left_on = calendar_on then 1 end)",
        "sum(1 / (last_on + 1 - greatest(first_on, counted_in)))",
    ),
    "cost_per_decision": ByHand(_COSTS, "on_day", "sum(cost * production_share)", "sum(decisions)"),
    "other_work_cost": ByHand(_COSTS, "on_day", "sum(cost * (1 - production_share))"),
    "occupancy": ByHand(_TIME, "activity_on", "sum(handling_seconds)", "sum(handling_seconds) + sum(idle_seconds)"),
    "utilisation": ByHand(_TIME, "activity_on", "sum(handling_seconds + idle_seconds)", "sum(paid_seconds)"),
    "handling_share": ByHand(_TIME, "activity_on", "sum(handling_seconds)", "sum(paid_seconds)"),
    "shrinkage": ByHand(
        _TIME, "activity_on", "sum(paid_seconds) - sum(handling_seconds) - sum(idle_seconds)", "sum(paid_seconds)"
    ),
    "audit_accuracy": _drawn(_weight(_TP, _TN), _ALL),
    "audit_accuracy_initial": _drawn(
        _weight(_TP, _TN, stage="initial"), _weight(_TP, _FP, _FN, _TN, stage="initial")
    ),
    "audit_action_accuracy": _drawn(
        "sum(case when final_cell is not null and outcome = final_outcome then weight end)", _ALL
    ),
    "audit_policy_label_accuracy": _drawn(
        "sum(case when final_cell = 'true_positive' and is_final_policy_same then weight end)",
        "sum(case when final_cell = 'true_positive' and is_final_policy_same is not null then weight end)",
    ),
    "audit_precision": _drawn(_weight(_TP), _weight(_TP, _FP)),
    "review_recall": _drawn(_weight(_TP), _weight(_TP, _FN)),
    "audit_f1": _drawn(f"2 * {_weight(_TP)}", f"coalesce({_weight(_TP)}, 0) * 2 + coalesce({_weight(_FP, _FN)}, 0)"),
    "over_enforcement_rate": _drawn(_weight(_FP), _weight(_FP, _TN)),
    "under_enforcement_rate": _drawn(_weight(_FN), _weight(_TP, _FN)),
    "leakage_rate": _drawn(_weight(_FN), _weight(_FN, _TN)),
    "false_removal_rate": _drawn(_weight(_FP), _weight(_TP, _FP)),
    "critical_error_rate": _drawn(
        f"sum(case when final_cell in ('{_FP}', '{_FN}') and severity = 5 then weight end)", _ALL
    ),
    "severity_weighted_score": _drawn(
        f"sum(case when final_cell in ('{_TP}', '{_TN}') then weight when final_cell is not null"
        " then weight * (1 - severity / 5) end)",
        f"sum(case when final_cell in ('{_TP}', '{_TN}') or final_cell is not null and severity is not null"
        " then weight end)",
    ),
    "escalation_correctness": _drawn(
        "sum(case when outcome = 'escalate' and is_escalation_due then weight end)",
        "sum(case when outcome = 'escalate' and is_escalation_due is not null then weight end)",
    ),
    "audit_plan_completion": ByHand(
        f"""(
            select stratum, period_start, planned_n, least(planned_n, coalesce(done, 0)) as done
            from dev_marts.fct_audit_frames left join (
                select frame_id, stratum, count(distinct decision_id) as done
                from dev_marts.fct_audits inner join dev_marts.fct_verdicts using (decision_id)
                where audit_round = 1 and verdict_basis <> 'unauditable' group by all
            ) using (frame_id, stratum)
            where period_end < {_AS_OF}
        )""", "period_start", "sum(done)", "sum(planned_n)",
    ),
    "scorecard_quality_score": ByHand(
        """(
            select subject_type, cast(rated_at as date) as rated_on,
                case when bool_or(is_critical and score < (min_score + max_score) / 2) then 0
                    else sum(weight * (score - min_score) / (max_score - min_score)) / sum(weight) end as score
            from dev_marts.fct_scorecard_ratings group by subject_type, subject_id, rated_at
        )""", "rated_on", "sum(score)", "count(score)",
    ),
    "root_cause_confirmation_rate": ByHand(
        "dev_marts.fct_rca_reviews", "cast(reviewed_at as date)", "count(case when verdict = 'confirmed' then 1 end)",
        "count(*)",
    ),
    "reference_match_rate": ByHand(
        """(
            select r.*, a.label as reference_label
            from dev_marts.fct_calibration_ratings as r inner join dev_marts.fct_calibration_ratings as a
                using (session_id, item_id, rating_round)
            where a.is_reference and not r.is_reference and rating_round = 1 and r.label is not null
        )""", "cast(rated_at as date)", "count(case when label = reference_label then 1 end)", "count(*)",
    ),
    "strictness_bias": ByHand(
        f"""(
            select r.queue_id, r.rated_at, list_position({_MILD_TO_STRICT}, r.label) as own,
                list_position({_MILD_TO_STRICT}, a.label) as reference
            from dev_marts.fct_calibration_ratings as r inner join dev_marts.fct_calibration_ratings as a
                using (session_id, item_id, rating_round)
            where a.is_reference and not r.is_reference and rating_round = 1
        )""", "cast(rated_at as date)", "sum(sign(own - reference))", "count(own + reference)",
    ),
    "audit_coverage": ByHand(
        """(
            select queue_id, suspected_policy_code, market, language, site_id, vendor_id, decided_on, 0 as audited,
                1 as produced
            from dev_marts.fct_decisions where is_production
            union all
            select queue_id, suspected_policy_code, market, language, site_id, vendor_id, decided_on, 1, 0
            from dev_marts.fct_verdicts
            where is_production
        )""", "decided_on", "sum(audited)", "sum(produced)",
    ),
    "dispute_rate": ByHand(
        f"(select * from {_AUDITED} where initial_cell in ('{_FP}', '{_FN}'))", "decided_on",
        "count(case when is_disputed then 1 end)", "count(*)",
    ),
    "disputed_audit_share": ByHand(_AUDITED, "decided_on", "count(case when is_disputed then 1 end)", "count(*)"),
    "dispute_overturn_rate": ByHand(
        _BY_DECISION, "decided_on", "count(case when is_accepted then 1 end)", "count(case when is_settled then 1 end)"
    ),
    "auditor_agreement": ByHand(
        _BY_DECISION, "decided_on", "count(case when is_pair and agrees then 1 end)",
        "count(case when is_pair then 1 end)",
    ),
    "appeal_rate": ByHand(
        """(
            select queue_id, decided_policy_code, market, language, decided_on, 0 as appealed, 1 as enforcement_actions
            from (select *, policy_code as decided_policy_code from dev_marts.fct_decisions) where is_enforcement_action
                and decided_on + interval 1 day + interval 30 day <= (select as_of from dev_intermediate.int_as_of)
            union all
            select queue_id, policy_code, market, language, decided_on, 1, 0 from (
                select distinct on (decision_id) * from dev_marts.fct_appeals
                where is_within_window and is_enforcement_action and appellant_type = 'creator'
            )
            where decided_on + interval 1 day + interval 30 day <= (select as_of from dev_intermediate.int_as_of)
        )""", "decided_on", "sum(appealed)", "sum(enforcement_actions)",
    ),
    "appeal_overturn_rate": _appeals_of("creator", "('remove', 'restrict', 'age_restrict', 'label')"),
    "reporter_appeal_overturn_rate": _appeals_of("reporter", "('no_violation')"),
    "reinstatement_rate": ByHand(
        """(
            select *, policy_code as decided_policy_code from dev_marts.fct_appeals
            where outcome in ('reversed', 'partially_reversed') and not is_before_decision and is_enforcement_action
                and decided_on + interval 1 day + interval 30 day <= (select as_of from dev_intermediate.int_as_of)
        )""", "decided_on", "count(implemented_at)", "count(*)",
    ),
    "dsa_automation_accuracy": _appeals(
        "is_enforcement_action and (automation_level = 'full') = (outcome = 'upheld')", "is_enforcement_action"
    ),
    "dsa_automation_precision": _appeals(
        "is_enforcement_action and automation_level = 'full' and outcome = 'upheld'",
        "is_enforcement_action and automation_level = 'full'"
    ),
    "dsa_automation_recall": _appeals(
        "is_enforcement_action and automation_level = 'full' and outcome = 'upheld'",
        "is_enforcement_action and outcome = 'upheld'"
    ),
    **{f"appeal_resolution_time_p{share}": _resolution(share / 100) for share in (50, 90)},
    "proactive_removal_rate": _exposure("proactive_removals", "contents_removed"),
    "removal_before_any_view_rate": _exposure("removals_before_any_view", "removals_with_known_views"),
    "removal_within_24h_rate": _exposure("removals_within_24h", "removals_with_known_age"),
    "violative_view_rate": ByHand(
        "(select * from dev_marts.fct_view_samples where is_violative is not null)", "viewed_on",
        "sum(case when is_violative then round(1 / inclusion_probability, 6) end)",
        "sum(round(1 / inclusion_probability, 6))",
    ),
    "time_to_action_p50": ByHand(
        "(select *, policy_code as decided_policy_code from dev_intermediate.int_content_removals"
        " where content_created_at is not null)",
        "event_on", "", whole="quantile_disc(epoch(removed_at) - epoch(content_created_at), 0.5)",
    ),
    "csat": ByHand(_RATED, "asked_on", _SATISFIED, _ANSWERED),
    "csat_response_rate": ByHand(_RATED, "asked_on", _ANSWERED, "count(*)"),
    "csat_by_instrument": ByHand(_ASKED, "asked_on", _SATISFIED, _ANSWERED),
    "csat_response_rate_by_instrument": ByHand(_ASKED, "asked_on", _ANSWERED, "count(*)"),
    "reopen_rate": _support("tickets_reopened", "tickets_solved"),
    "one_touch_rate": _support("one_touch_tickets", "solved_with_replies"),
    "first_reply_time_p50": ByHand(
        "(select * from dev_marts.fct_tickets where first_reply_seconds is not null)", "cast(first_replied_at as date)",
        "",
        whole="quantile_disc(first_reply_seconds, 0.5)",
    ),
    "full_resolution_time_p50": ByHand(
        "(select * from dev_marts.fct_tickets where full_resolution_seconds is not null"
        " and status in ('solved', 'closed'))",
        "cast(last_solved_at as date)", "", whole="quantile_disc(full_resolution_seconds, 0.5)",
    ),
    "quarantine_rate": ByHand(
        "(select * from dev_intermediate.int_row_counts where status not in ('unmapped', 'flagged'))", "event_on",
        "sum(case when status = 'quarantined' then row_count end)", "sum(row_count)",
    ),
    "unmapped_rate": ByHand(
        """(
            select source_table, event_on, case when status = 'unmapped' then row_count else 0 end as unmapped,
                case when status = 'staged' then row_count else 0 end as staged
            from dev_intermediate.int_row_counts
            union all
            select 'moderation.decisions', decided_on, cast(has_unmapped_policy as int)
                + cast(has_unmapped_queue as int) + cast(has_unmapped_market as int)
                + cast(has_unmapped_language as int) + cast(has_unmapped_moderator as int), 0
            from dev_marts.fct_decisions
        )""", "event_on", "sum(unmapped)", "sum(staged)",
    ),
    "freshness_hours": ByHand(
        f"""(
            select source_table, 24 * row_count as hours, {_AS_OF} - 1 as known_on
            from dev_marts.mart_data_validation where status = 'days_behind' and reason <> 'allowed: any'
        )""", "known_on", "sum(hours)", "count(*)",
    ),
    "action_on_time_rate": ByHand(
        "(select * from dev_marts.mart_management_actions where closed_on is not null or is_overdue)", "due_on",
        "count(case when closed_on <= due_on then 1 end)", "count(*)",
    ),
    "configuration_completeness": ByHand(
        "dev_marts.mart_configuration_quality", "reporting_on", "sum(settings_expected) - sum(settings_missing)",
        "sum(settings_expected)",
    ),
    "configuration_accuracy": ByHand(
        "dev_marts.mart_configuration_quality", "reporting_on", "sum(settings_correct)", "sum(settings_expected)"
    ),
}  # fmt: skip


def by_hand(metric: str, grain: str, slice_type: str) -> str:
    """SQL of a metric's value by period and slice."""
    hand = BY_HAND[metric]
    member = "'all'" if slice_type == "all" else COLUMNS[slice_type]
    value = hand.whole or f"cast({hand.numerator} as double)"
    if hand.denominator:
        value = f"coalesce({value}, 0) / nullif(cast({hand.denominator} as double), 0)"
    return (
        f"select cast(date_trunc('{grain}', {hand.day}) as date) as period_start, {member} as slice, {value} as value"
        f" from {hand.rows} where {hand.day} is not null group by all"
    )
