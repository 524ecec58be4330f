"""The figure of each planted effect, by a query on the marts of the demo, or on its facts until a mart comes."""

import datetime as dt
import json
from typing import Any

from conftest import Project

from plumbline.sample import plants, world

_RIGHT = "sum({0}_true_positive_weight + {0}_true_negative_weight)"
_ALL = (
    "sum({0}_true_positive_weight + {0}_true_negative_weight + {0}_false_positive_weight + {0}_false_negative_weight)"
)
_WEEKS = (
    "from dev_marts.mart_quality_weekly where week_starting_on between $first and $last"
    " and vendor_id <> '(automated)' and {slice}"
)
_EFFICIENCY = "from dev_marts.mart_efficiency_daily where reporting_on between $first and $last and {slice}"
_SETTINGS = "select {0} from dev_marts.mart_configuration_quality where reporting_on = $first and {{slice}}"
_JUDGED = (
    "inner join census using (decision_id)"
    " where decisions.is_production and decisions.outcome not in ('skip', 'escalate')"
    " and decisions.decided_on between $first and $last and {slice}"
)
_CENSUS = f"from dev_marts.fct_decisions as decisions {_JUDGED}"
_LENIENT = f"sha256('QA{plants.LENIENT_AUDITOR:03}')"
_AUDITS = """
    from dev_marts.fct_audits inner join dev_marts.fct_audit_people using (audit_id)
    inner join dev_marts.fct_decisions as decisions using (decision_id)
    inner join census using (decision_id)
    where audit_round = 1 and audited_outcome <> 'unauditable' and decisions.outcome <> 'escalate'
        and decisions.decided_on between $first and $last and {slice}
"""
# People by number, as docs/sample.md says who they are; hired before a bad month and still there after the coaching.
_PEOPLE = f"""
    from dev_marts.fct_decisions as decisions
    inner join dev_marts.fct_decision_people as made_by using (decision_id, decided_on)
    inner join (
        select
            moderator_key,
            case number % 5 when 0 then 'fast' when 1 then 'careful' else 'balanced' end as kind,
            case number % 12 when 3 then 'coached' when 9 then 'uncoached' when 5 then 'bad_month_coached'
                when 11 then 'bad_month' end as coaching_arm
        from dev_marts.dim_moderator inner join (
            select person_key as moderator_key, try_cast(substr(person_id, 2) as integer) as number
            from people.dev_intermediate.int_people
        ) using (moderator_key)
        group by all
        having min(hired_on) < date '{world.FIRST_DAY + dt.timedelta(days=plants.BAD_MONTH)}'
            and coalesce(min(left_on) > date '{world.FIRST_DAY + dt.timedelta(days=plants.COACHING)}', true)
    ) as people using (moderator_key)
"""

# figure -> the query on the marts; where a mart for it is still to come, on the facts.
QUERIES = {
    "audited_accuracy": f"select {_RIGHT.format('initial')} / {_ALL.format('initial')} {_WEEKS}",
    "judged_population": f"select {_ALL.format('initial')} {_WEEKS}",
    "drawn_decisions": f"select sum(drawn_decisions) {_WEEKS}",
    "final_audited_accuracy": f"select {_RIGHT.format('final')} / {_ALL.format('final')} {_WEEKS}",
    "audited_precision": "select sum(initial_true_positive_weight)"
    f" / sum(initial_true_positive_weight + initial_false_positive_weight) {_WEEKS}",
    "audited_recall": "select sum(initial_true_positive_weight)"
    f" / sum(initial_true_positive_weight + initial_false_negative_weight) {_WEEKS}",
    "appeal_overturn_rate": """
        with counted as (
            select
                sum(internal_reversed + internal_partially_reversed) as internal_won,
                sum(internal_upheld) as internal_lost,
                sum(out_of_court_reversed + out_of_court_partially_reversed) as outside_won,
                sum(out_of_court_upheld) as outside_lost
            from dev_marts.mart_appeals where decided_on between $first and $last and {slice}
        )
        select (internal_won + outside_won) / (internal_won + internal_lost + outside_won + outside_lost) from counted
    """,
    # Recall can be estimated where an approval was drawn.
    "approvals_in_frame": f"select cast(sum(initial_true_negatives + initial_false_negatives) > 0 as double) {_WEEKS}",
    "average_handle_time": f"select sum(handle_seconds) / sum(handled_decisions) {_EFFICIENCY}",
    "skip_rate": f"select sum(skips) / sum(production_decisions) {_EFFICIENCY}",
    "skip_rate of a moderator": """
        select avg(cast(outcome = 'skip' as double))
        from dev_marts.fct_decisions inner join dev_marts.fct_decision_people using (decision_id, decided_on)
        where is_production and decided_on between $first and $last and moderator_key = (
            select person_key from people.dev_intermediate.int_people where person_id = $moderator_id
        )
    """,
    "shift_decisions": """
        select numerator from dev_marts.mart_metric_series where metric_id = 'shift_decisions' and grain = 'day'
            and scope = 'all' and slice_type = 'site' and period_start between $first and $last and {slice}
    """,
    "sla_attainment": f"select sum(tasks_attained) / sum(tasks_due) {_EFFICIENCY}",
    "decided_within_a_day": """
        select avg(cast(coalesce(turnaround_seconds <= 86400, false) as double)) from dev_marts.fct_tasks
        where is_production and enqueued_on between $first and $last and {slice}
    """,
    "closed_turnaround_p50": """
        select median(turnaround_seconds) from dev_marts.fct_tasks
        where is_production and decided_on between $first and $last and {slice}
    """,
    "true_accuracy": f"""
        select avg(cast((decisions.outcome = 'no_violation') = (true_outcome = 'no_violation') as double)) {_CENSUS}
    """,
    "average_handle_time of people": f"""
        select sum(handle_seconds) / count(*) filter (where outcome <> 'skip') {_PEOPLE}
        where is_production and decided_on between $first and $last and {{slice}}
    """,
    "true_accuracy of people": f"""
        select avg(cast((decisions.outcome = 'no_violation') = (true_outcome = 'no_violation') as double))
        {_PEOPLE} {_JUDGED}
    """,
    "average_handle_time of an arm": """
        select sum(handle_seconds) / count(*) filter (where outcome <> 'skip')
        from dev_marts.fct_decisions inner join dev_marts.fct_decision_people using (decision_id, decided_on)
        inner join dev_marts.fct_experiment_units
            on unit_key = case unit_type when 'moderator' then moderator_key when 'task' then task_id end
        where is_production and decided_on between $first and $last and {slice}
    """,
    "share_treated": """
        select avg(cast(variant = 'treated' as double)) from dev_marts.fct_experiment_units
        where cast(assigned_at as date) between $first and $last and {slice}
    """,
    **{
        f"auditor_{name}": f"""
            select avg(cast((audited_outcome = 'no_violation') = (true_outcome = 'no_violation') as double)) {_AUDITS}
            and auditor_key <> {_LENIENT} and not (census.suspected_policy_code = 'misinformation'
                and decisions.market = 'MX')
            and true_outcome {sign} 'no_violation'
        """
        for name, sign in (("sensitivity", "<>"), ("specificity", "="))
    },
    "errors_let_pass": f"""
        select avg(cast(audited_outcome = decisions.outcome as double)) {_AUDITS}
        and decisions.outcome not in (true_outcome, 'skip', 'escalate')
    """,
    "tasks_received_a_day": """
        select count(*) / (date_diff('day', $first, $last) + 1) from dev_marts.fct_tasks
        where is_production and enqueued_on between $first and $last and {slice}
    """,
    **{name: _SETTINGS.format(name) for name in ("settings_missing", "settings_wrong", "settings_late")},
}

# Names of the census -> those of the mart that the figure comes from.
COLUMNS = {
    "true_accuracy": {
        "suspected_policy_code": "census.suspected_policy_code", "queue_id": "census.queue_id",
        "language": "decisions.language", "market": "decisions.market", "site_id": "decisions.site_id",
        "vendor_id": "decisions.vendor_id",
    },
    "shift_decisions": {"site_id": "slice"},
    "errors_let_pass": {"is_lenient": f"(auditor_key = {_LENIENT})", "site_id": "decisions.site_id"},
    "audited_precision": {"policy_code": "decided_policy_code"},
    "audited_recall": {"suspected_policy_code": "true_policy_code"},
}  # fmt: skip


def effects(demo: Project) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((demo.landing / "truths.json").read_text())["effects"]
    return found


def measured(demo: Project, truth: dict[str, Any]) -> float:
    """The figure of a truth as the marts give it."""
    by_moderator = "moderator_id" in truth["slice"]
    query = QUERIES[f"{truth['figure']} of a moderator" if by_moderator else truth["figure"]]
    named = COLUMNS.get(truth["figure"], {})
    where = " and ".join(f"{named.get(column, column)} = '{value}'" for column, value in truth["slice"].items())
    parameters = {name: dt.date.fromisoformat(truth[name]) for name in ("first", "last") if f"${name}" in query}
    if by_moderator:
        parameters |= truth["slice"]
    with demo.connect() as connection:
        files = demo.landing / "_census" / "decisions" / "*.parquet"
        connection.execute(
            "create temp view census as"
            f" select * exclude (language, market, site_id, vendor_id, outcome, policy_code) from '{files}'"
        )
        (value,) = connection.execute(query.replace("{slice}", where or "true"), parameters).fetchall()[0]
    return float(value)


def named(truth: dict[str, Any]) -> str:
    members = ", ".join(truth["slice"].values())
    return f"{truth['plant']}, {truth['role']}, {truth['when']}: {truth['figure']} of {members or 'all'}"


def misses(demo: Project) -> list[str]:
    """Truths that the marts do not give, with both figures; empty when all is as planted."""
    found = []
    for truth in effects(demo):
        value = measured(demo, truth)
        # Sums of the same whole numbers, divided: nothing but the last digits may differ.
        if not abs(value - truth["value"]) <= max(truth["tolerance"], 1e-6 * abs(truth["value"])):
            found.append(f"{named(truth)}: {value:.4f}, planted {truth['value']:.4f} ± {truth['tolerance']:.4f}")
    return found
