"""Facts of one landed table, and what each of their columns is of that table: what a fact must hold, row by row."""

from dataclasses import dataclass, field

import duckdb
from conftest import Project
from counted import landed_last

from plumbline.landing.contract import load_contracts


@dataclass(frozen=True)
class Landed:
    """The table that a fact is of, and those of its columns that have another name or are another form of it."""

    table: str
    renamed: dict[str, str] = field(default_factory=dict)


RATING = 'sha256(session_id || chr(31) || item_id || chr(31) || "round" || chr(31) || sha256(rater_id))'
# In a sample a person's key is made without a salt.
FACTS = {
    "fct_appeals": Landed("appeals"),
    "fct_audit_frames": Landed("audit_frames"),
    "fct_audits": Landed("audits", {"root_cause_code": "coalesce(root_cause_code, '(none)')"}),
    "fct_audit_people": Landed("audits", {"auditor_key": "sha256(auditor_id)"}),
    "fct_authority_orders": Landed("authority_orders"),
    "fct_calibration_ratings": Landed("calibration_ratings", {"rating_id": RATING, "rating_round": '"round"'}),
    "fct_calibration_rating_people": Landed(
        "calibration_ratings", {"rating_id": RATING, "rater_key": "sha256(rater_id)"}
    ),
    "fct_coaching_sessions": Landed(
        "coaching_sessions", {"moderator_key": "sha256(moderator_id)", "coach_key": "sha256(coach_id)"}
    ),
    "fct_configuration_changes": Landed(
        "queue_configurations", {"set_value": "value", "changed_by_key": "sha256(changed_by)"}
    ),
    "fct_experiment_units": Landed(
        "assignments", {"unit_key": "case when unit_type = 'moderator' then sha256(unit_id) else unit_id end"}
    ),
    "fct_decision_people": Landed(
        "decisions",
        {"moderator_key": "if(automation_level = 'full', '(automated)', coalesce(sha256(moderator_id), '(unmapped)'))"},
    ),
    "fct_insight_requests": Landed("insight_requests"),
    "fct_management_action_people": Landed("management_actions", {"owner_key": "sha256(owner)"}),
    "fct_management_actions": Landed("management_actions"),
    "fct_moderator_days": Landed(
        "activity", {"moderator_key": "sha256(moderator_id)", "queue_id": "coalesce(queue_id, '(unmapped)')"}
    ),
    "fct_monthly_recipients": Landed("monthly_recipients"),
    "fct_rca_reviews": Landed("rca_reviews"),
    "fct_scorecard_ratings": Landed("scorecard_ratings"),
    "fct_statements_of_reasons": Landed("statements_of_reasons"),
    "fct_survey_responses": Landed("survey_responses"),
    "fct_tickets": Landed("ticket", {"ticket_id": "id", "channel": "via_channel"}),
    "fct_training_completions": Landed("training_completions", {"moderator_key": "sha256(moderator_id)"}),
    "fct_user_reports": Landed("user_reports"),
    "fct_view_samples": Landed("view_samples"),
}


def differences(project: Project, fact: str) -> tuple[int, int]:
    """Rows of `fact` that are not what landed last, and those that landed last and are not in it."""
    landed = FACTS[fact]
    (contract,) = (contract for contract in load_contracts() if contract.table == landed.table)
    with project.connect() as connection:
        columns = _columns(connection, fact, contract.column_names, landed)
        ours = f"select {', '.join(columns)} from dev_marts.{fact}"
        theirs = f"select {', '.join(columns.values())} from ({landed_last(project, landed.table)})"
        counted = "select count(*) from (({}) except all ({}))"
        (more,) = connection.execute(counted.format(ours, theirs)).fetchall()[0]
        (less,) = connection.execute(counted.format(theirs, ours)).fetchall()[0]
        assert connection.execute(f"select count(*) from ({theirs})").fetchall()[0][0] > 0
    return int(more), int(less)


def _columns(connection: duckdb.DuckDBPyConnection, fact: str, landed: list[str], of: Landed) -> dict[str, str]:
    """Columns of the fact, each with its expression over what landed."""
    found = {}
    for name, *_ in connection.execute(f"describe dev_marts.{fact}").fetchall():
        if name in of.renamed:
            found[name] = of.renamed[name]
        elif name in landed:
            found[name] = f'"{name}"'
    assert set(of.renamed) <= set(found)
    return found
