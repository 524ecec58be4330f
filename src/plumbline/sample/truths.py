"""What a mart should give for each planted effect and its twin, reckoned from the census.

A figure of the whole population is exact. One that audits estimate is what auditors who err as planted would say of
every decision of the frame; its tolerance is 3.5 standard errors of the audits that are expected, by the effective size
of their weights.
"""

import datetime as dt
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from plumbline.landing.paths import pattern
from plumbline.sample import census, people, plants, world


@dataclass(frozen=True)
class Truth:
    """One figure: of which plant, of the plant or its twin, where, and from which to which day (the last included)."""

    plant: str
    role: str
    when: str
    figure: str
    first: int
    last: int
    slice: dict[str, str] = field(default_factory=dict)
    value: float | None = None
    """Where it is so by design; else the census says."""


# The last day of which every audit and dispute has landed before a sample of 200 days ends.
SETTLED = 185


def _before_and_after(
    plant: str, figure: str, here: dict[str, str], twin: dict[str, str], before: tuple[int, int], after: tuple[int, int]
) -> list[Truth]:
    return [
        Truth(plant, role, when, figure, *days, where)
        for role, where in (("plant", here), ("twin", twin))
        for when, days in (("before", before), ("after", after))
    ]


def _beside(plant: str, figure: str, here: dict[str, str], twin: dict[str, str], days: tuple[int, int]) -> list[Truth]:
    return [Truth(plant, role, "while", figure, *days, where) for role, where in (("plant", here), ("twin", twin))]


_FIRST_MONDAY = 4
_MIX = ((_FIRST_MONDAY, plants.MIX_SHIFT - 1), (plants.MIX_SHIFT, SETTLED))

TRUTHS = [
    *_before_and_after("mix_shift", "audited_accuracy", {"language": "en"}, {"language": "pt"}, *_MIX),
    *_before_and_after("mix_shift", "true_accuracy", {"language": "en"}, {"language": "pt"}, *_MIX),
    *[
        truth
        for queue in (*world.QUEUES, "escalations")
        for truth in _before_and_after(
            "mix_shift", "true_accuracy", {"language": "en", "queue_id": queue}, {"language": "pt", "queue_id": queue},
            *_MIX,
        )
    ],
    *_before_and_after(
        "policy_change_at_one_site", "true_accuracy",
        {"suspected_policy_code": "hate_speech", "language": "es", "site_id": "lisbon"},
        {"suspected_policy_code": "hate_speech", "language": "es", "site_id": "bogota"},
        (0, plants.POLICY_CHANGE - 1), (plants.POLICY_CHANGE, SETTLED),
    ),
    *_before_and_after(
        "automation_takes_easy_items", "average_handle_time", {"queue_id": "comments"}, {"queue_id": "ads"},
        (plants.EXPERIMENT_ENDS + 1, plants.AUTOMATION_TAKES_EASY - 1), (plants.AUTOMATION_TAKES_EASY + 1, SETTLED),
    ),
    *_before_and_after(
        "hiring_wave", "average_handle_time", {"site_id": "casablanca"}, {"site_id": "bogota"},
        # Neither side in the experiment that makes handling shorter, nor in the mix shift.
        (5, plants.EXPERIMENT - 1), (plants.HIRING_WAVE_ENDS + 1, plants.MIX_SHIFT - 1),
    ),
    Truth("sla_breach", "plant", "before", "sla_attainment", plants.SPIKE - 10, plants.SPIKE - 1, {"queue_id": "live"}),
    Truth("sla_breach", "plant", "after", "sla_attainment", plants.SPIKE, plants.SPIKE_ENDS, {"queue_id": "live"}),
    Truth("sla_breach", "twin", "before", "sla_attainment", plants.ABSORBED - 10, plants.ABSORBED - 1,
          {"queue_id": "comments"}),
    Truth("sla_breach", "twin", "after", "sla_attainment", plants.ABSORBED, plants.ABSORBED_ENDS,
          {"queue_id": "comments"}),
    *_before_and_after(
        "cohort_turnaround", "decided_within_a_day", {"queue_id": "accounts"}, {"queue_id": "ads"},
        (100, plants.NEWEST_FIRST - 1), (plants.NEWEST_FIRST, SETTLED),
    ),
    *_before_and_after(
        "cohort_turnaround", "closed_turnaround_p50", {"queue_id": "accounts"}, {"queue_id": "ads"},
        (100, plants.NEWEST_FIRST - 1), (plants.NEWEST_FIRST + 2, SETTLED),
    ),
    *_beside(
        "shift_over_midnight", "shift_decisions", {"site_id": "manila"}, {"site_id": "dublin"},
        (plants.SHIFT, plants.SHIFT),
    ),
    *_beside("site_that_requeues", "skip_rate", {"site_id": "kuala_lumpur"}, {"site_id": "dublin"}, (0, SETTLED)),
    *_beside(
        "moderator_who_skips", "skip_rate",
        {"moderator_id": f"M{plants.SKIPPER:05}"}, {"moderator_id": f"M{plants.SKIPPER_TWIN:05}"}, (0, SETTLED),
    ),
    Truth("targeted_audits", "twin", "while", "audited_accuracy", _FIRST_MONDAY, SETTLED),
    Truth("targeted_audits", "twin", "while", "drawn_decisions", _FIRST_MONDAY, SETTLED),
    Truth("targeted_audits", "twin", "while", "judged_population", _FIRST_MONDAY, SETTLED),
    *[
        truth
        for figure in ("audited_accuracy", "final_audited_accuracy")
        for truth in _beside(
            "vendor_disputes_everything", figure, {"vendor_id": "palmera"}, {"vendor_id": "northgate"},
            (_FIRST_MONDAY, SETTLED),
        )
    ],
    *_beside(
        "better_vendor_on_harder_queues", "true_accuracy", {"vendor_id": "northgate"}, {"vendor_id": "in_house"},
        (0, SETTLED),
    ),
    *[
        truth
        for queue in ("video_general", "video_sensitive", "comments", "accounts")
        for truth in _beside(
            "better_vendor_on_harder_queues", "true_accuracy", {"vendor_id": "northgate", "queue_id": queue},
            {"vendor_id": "in_house", "queue_id": queue}, (0, SETTLED),
        )
    ],
    *_beside(
        "approvals_nobody_audited", "approvals_in_frame", {"queue_id": "ads"}, {"queue_id": "accounts"}, (0, SETTLED)
    ),
    *_beside(
        "errors_all_false_negatives", "audited_precision", {"policy_code": "self_harm"}, {"policy_code": "violence"},
        (_FIRST_MONDAY, SETTLED),
    ),
    *_beside(
        "errors_all_false_negatives", "audited_recall", {"suspected_policy_code": "self_harm"},
        {"suspected_policy_code": "violence"}, (_FIRST_MONDAY, SETTLED),
    ),
    *_before_and_after(
        "stale_guideline", "true_accuracy", {"suspected_policy_code": "misinformation", "market": "MX"},
        {"suspected_policy_code": "misinformation", "market": "ID"},
        (0, plants.STALE_GUIDELINE - 1), (plants.STALE_GUIDELINE, SETTLED),
    ),
    *_before_and_after(
        "stale_guideline", "appeal_overturn_rate", {"policy_code": "misinformation", "market": "MX"},
        {"policy_code": "misinformation", "market": "ID"},
        (0, plants.STALE_GUIDELINE - 1), (plants.STALE_GUIDELINE, 150),
    ),
    *[
        truth
        for figure in ("average_handle_time", "true_accuracy")
        for kind in ("fast", "careful", "balanced")
        for truth in [Truth("three_types_of_moderator", "plant", "while", f"{figure} of people", 0, SETTLED,
                            {"kind": kind})]
    ],
    *[
        Truth("experiment_with_effect", role, "while", "average_handle_time of an arm", *days,
              {"experiment_id": experiment, "variant": variant})
        for variant in ("treated", "control")
        for role, experiment, days in (
            ("plant", "blur_thumbnails", (plants.EXPERIMENT, plants.EXPERIMENT_ENDS)),
            ("twin", "second_look", (90, SETTLED)),
        )
    ],
    *_beside(
        "experiment_with_broken_ratio", "share_treated", {"experiment_id": "evidence_panel"},
        {"experiment_id": "second_look"}, (0, SETTLED),
    ),
    *_before_and_after(
        "coaching_that_works", "true_accuracy of people", {"coaching_arm": "coached"}, {"coaching_arm": "uncoached"},
        (0, plants.COACHING - 1), (plants.COACHING, SETTLED),
    ),
    *_before_and_after(
        "coaching_of_the_lowest", "true_accuracy of people", {"coaching_arm": "bad_month_coached"},
        {"coaching_arm": "bad_month"}, (plants.BAD_MONTH, plants.COACHING - 1), (plants.COACHING, SETTLED),
    ),
    Truth("auditor_error", "plant", "while", "auditor_sensitivity", 0, SETTLED),
    Truth("auditor_error", "plant", "while", "auditor_specificity", 0, SETTLED),
    *_beside(
        "lenient_auditor", "errors_let_pass", {"is_lenient": "true", "site_id": "bogota"},
        {"is_lenient": "false", "site_id": "bogota"}, (0, SETTLED),
    ),
    *_before_and_after(
        "incident", "tasks_received_a_day", {"suspected_policy_code": "scams", "market": "US"},
        {"suspected_policy_code": "scams", "market": "GB"},
        (plants.INCIDENT - 14, plants.INCIDENT - 1), (plants.INCIDENT, plants.INCIDENT_ENDS),
    ),
    *[
        Truth("configuration_faults", role, when, figure, day, day, {"queue_id": queue}, value)
        for role, when, figure, day, queue, value in [
            ("plant", "while", "settings_missing", 50, "live", 1),
            ("plant", "while", "settings_wrong", 50, "video_sensitive", 1),
            ("plant", "before", "settings_late", 89, "comments", 0),
            ("plant", "while", "settings_late", 95, "comments", 1),
            ("plant", "after", "settings_late", 100, "comments", 0),
            *[("twin", "while", figure, 95, "accounts", 0)
              for figure in ("settings_missing", "settings_wrong", "settings_late")],
        ]
    ],
]  # fmt: skip

_DECIDED = "decided_by = 'human' and decided_on between $first and $last"
_JUDGED = f"{_DECIDED} and is_production and is_in_frame and audit_says_correct is not null"
# The variance of a share: by the effective number of audits, and of few cases that of one in a hundred.
_OF_SHARE = "greatest(value * (1 - value), 0.01)"
_EFFECTIVE = f"{_OF_SHARE} * sum(1 / audit_probability) / pow(count(*), 2)"
_SAYS_POSITIVE = "case when outcome = 'no_violation' then 1 - audit_says_correct else audit_says_correct end"

_ERRS_AS_ALL = (
    "decided_on between $first and $last and not is_lenient"
    " and not (suspected_policy_code = 'misinformation' and market = 'MX')"
)

# figure -> (table of the census, value, variance of its estimate by audits, in which `value` stands for it, rows)
_FIGURES = {
    "true_accuracy": (
        "decisions", "avg(cast((outcome = 'no_violation') = (true_outcome = 'no_violation') as double))", "0",
        f"{_DECIDED} and is_production and outcome not in ('skip', 'escalate')",
    ),
    "audited_accuracy": ("decisions", "avg(audit_says_correct)", _EFFECTIVE, _JUDGED),
    # Of a hundred audits one says nothing.
    "judged_population": ("decisions", "0.99 * count(*)", "sum(1 / audit_probability - 1)", _JUDGED),
    "drawn_decisions": (
        "decisions inner join drawn using (decision_id)", "count(*)", "0",
        "decided_on between $first and $last and (decided_by = 'automation' or is_production)",
    ),
    "appeal_overturn_rate": (
        "decisions inner join resolved using (decision_id)", "avg(cast(is_overturned as double))", "0",
        "decided_on between $first and $last",
    ),
    # Nine of ten drawn decisions have one reviewer, whom alone a vendor can dispute.
    "final_audited_accuracy": (
        "decisions",
        "avg(audit_says_correct + (1 - audit_says_correct) * 0.9"
        " * case vendor_id when 'palmera' then 0.95 * 0.70 else 0.2 * 0.20 end)",
        _EFFECTIVE, _JUDGED,
    ),
    "audited_precision": (
        "decisions", "avg(audit_says_correct)", _EFFECTIVE, f"{_JUDGED} and outcome <> 'no_violation'"
    ),
    "audited_recall": (
        "decisions", f"sum({_SAYS_POSITIVE}) filter (where outcome <> 'no_violation') / sum({_SAYS_POSITIVE})",
        f"{_OF_SHARE} * sum({_SAYS_POSITIVE} / audit_probability) / pow(sum({_SAYS_POSITIVE}), 2)", _JUDGED,
    ),
    "approvals_in_frame": (
        "decisions", "cast(count(*) filter (where is_in_frame and outcome = 'no_violation') > 0 as double)", "0",
        _DECIDED,
    ),
    "average_handle_time": (
        "decisions",
        "cast(sum(least(handle_seconds, 3600)) as double) / count(*) filter (where outcome <> 'skip')", "0",
        f"{_DECIDED} and is_production",
    ),
    "skip_rate": (
        "decisions", "cast(count(*) filter (where outcome = 'skip') as double) / count(*)", "0",
        f"{_DECIDED} and is_production",
    ),
    "share_treated": (
        "assignments", "avg(cast(variant = 'treated' as double))", "0",
        "cast(assigned_at as date) between $first and $last",
    ),
    # What auditors were made to say; the lenient one and the stale guideline apart.
    "auditor_sensitivity": (
        "audited", "max(31.0 / 33)", "value * (1 - value) / count(*)",
        f"{_ERRS_AS_ALL} and true_outcome <> 'no_violation'",
    ),
    "auditor_specificity": (
        "audited", "max(32.0 / 33)", "value * (1 - value) / count(*)",
        f"{_ERRS_AS_ALL} and true_outcome = 'no_violation'",
    ),
    "errors_let_pass": (
        "audited", "avg(cast(audited_outcome = outcome as double))", "0",
        "decided_on between $first and $last and outcome <> true_outcome and outcome not in ('skip', 'escalate')",
    ),
    "tasks_received_a_day": (
        "tasks", "count(*) / (date_diff('day', $first, $last) + 1)", "0",
        "is_production and cast(enqueued_at as date) between $first and $last",
    ),
    "shift_decisions": (
        "decisions", "count(*)", "0",
        "decided_by = 'human' and is_production and outcome <> 'skip' and shift_on between $first and $last",
    ),
    "sla_attainment": (
        "tasks", "avg(cast(coalesce(ended_at <= due_at, false) as double))", "0",
        "is_production and cast(due_at as date) between $first and $last and not coalesce(deleted_at <= due_at, false)",
    ),
    "decided_within_a_day": (
        "tasks", "avg(cast(coalesce(ended_at <= enqueued_at + interval 1 day, false) as double))", "0",
        "is_production and cast(enqueued_at as date) between $first and $last",
    ),
    "closed_turnaround_p50": (
        "tasks", "median(epoch(ended_at - enqueued_at))", "0",
        "is_production and cast(ended_at as date) between $first and $last",
    ),
}  # fmt: skip
_FIGURES |= {
    name: (table, *_FIGURES[name.split(" of ")[0]][1:])
    for name, table in (
        ("average_handle_time of people", "decisions inner join people using (moderator_id)"),
        ("true_accuracy of people", "decisions inner join people using (moderator_id)"),
        ("average_handle_time of an arm", "in_arms"),
    )
}


def attach(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """Make the views that figures are reckoned from, of the census and of what landed."""
    due = " ".join(f"when '{queue}' then {seconds}" for queue, seconds in world.SLA_SECONDS.items())
    zones = " ".join(f"when '{name}' then '{site.time_zone}'" for name, site in world.SITES.items())
    caps = " ".join(f"when '{queue}' then {seconds}" for queue, seconds in world.HANDLE_SECONDS_CAPS.items())
    folder = pattern(landing).replace("'", "''")
    for name, sql in _VIEWS.items():
        text = sql.format(due=due, caps=caps, zones=zones, folder=folder, census=census.FOLDER)
        connection.execute(f"create view {name} as {text}")


_VIEWS = {
    "decisions": """
        select
            * replace (case
                when handle_seconds > case queue_id {caps} else 3600 end then case queue_id {caps} else 3600 end
                else handle_seconds
            end as handle_seconds),
            cast(timezone(case site_id {zones} end, timezone('UTC', decided_at)) as date) as shift_on
        from '{folder}/{census}/decisions/*.parquet'
    """,
    "tasks": """
        select
            *, enqueued_at + to_seconds(case queue_id {due} end) as due_at
        from '{folder}/{census}/tasks/*.parquet'
    """,
    "drawn": """
        select distinct decision_id from '{folder}/quality/audits/*/sample.parquet' where sample_design <> 'targeted'
    """,
    "audited": f"""
        select decisions.*, audited_outcome, auditor_id = 'QA{plants.LENIENT_AUDITOR:03}' as is_lenient
        from '{{folder}}/quality/audits/*/sample.parquet' inner join decisions using (decision_id)
        where audit_round = 1 and audited_outcome <> 'unauditable' and outcome <> 'escalate'
    """,
    "resolved": """
        select decision_id, outcome in ('reversed', 'partially_reversed') as is_overturned
        from '{folder}/appeals/appeals/*/sample.parquet'
        where outcome in ('upheld', 'reversed', 'partially_reversed')
    """,
    "assignments": "from '{folder}/experiments/assignments/*/sample.parquet'",
    "in_arms": """
        select decisions.*, experiment_id, variant from decisions inner join assignments
            on unit_id = case unit_type when 'moderator' then moderator_id when 'task' then task_id end
    """,
    # Those who were there before and after the coaching; their numbers say what they are (people.py).
    "people": f"""
        select moderator_id, {people.KIND} as kind, {people.COACHING_ARM} as coaching_arm
        from (
            select moderator_id, cast(substr(moderator_id, 2) as integer) as i
            from '{{folder}}/workforce/moderators/*/sample.parquet'
            group by moderator_id
            having min(hired_on) < date '{world.FIRST_DAY + dt.timedelta(days=plants.BAD_MONTH)}'
                and coalesce(min(left_on) > date '{world.FIRST_DAY + dt.timedelta(days=plants.COACHING)}', true)
        )
    """,
}


def effects(landing: Path) -> list[dict[str, Any]]:
    """Every truth with its value and tolerance, from the census under `landing`."""
    with duckdb.connect() as connection:
        # One thread: sums of floats are the same in each run.
        connection.execute("set threads = 1")
        attach(connection, landing)
        return [_reckoned(connection, truth) for truth in TRUTHS]


def _figure(truth: Truth) -> tuple[str, str, str, str]:
    table, value, variance, rows = _FIGURES[truth.figure]
    return table, value, variance, " and ".join([rows, *(f"{name} = '{one}'" for name, one in truth.slice.items())])


def weekly(connection: duckdb.DuckDBPyConnection, truth: Truth) -> pd.DataFrame:
    """The figure of a truth in its slice by week, over all settled days: `week, value`."""
    table, value, _, where = _figure(truth)
    day = "cast(enqueued_at as date)" if table == "tasks" else "decided_on"
    days = {"first": world.FIRST_DAY, "last": world.FIRST_DAY + dt.timedelta(days=SETTLED)}
    return connection.execute(
        f"select date_trunc('week', {day}) as week, {value} as value from {table} where {where} group by 1 order by 1",
        days,
    ).df()


def _reckoned(connection: duckdb.DuckDBPyConnection, truth: Truth) -> dict[str, Any]:
    days = {
        name: world.FIRST_DAY + dt.timedelta(days=number)
        for name, number in (("first", truth.first), ("last", truth.last))
    }
    named = asdict(truth) | {name: str(day) for name, day in days.items()}
    if truth.value is not None:
        return named | {"tolerance": 0}
    table, value, variance, where = _figure(truth)
    found = connection.execute(
        f"""
        with chosen as (select * from {table} where {where}), reckoned as (select {value} as value from chosen)
        select any_value(value), 3.5 * sqrt({variance.replace("value", "any_value(value)")})
        from chosen cross join reckoned
        """,
        days,
    ).fetchone()
    assert found is not None
    return named | {"value": round(float(found[0]), 9), "tolerance": round(float(found[1]), 9)}
