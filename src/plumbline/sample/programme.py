"""What management does: settings of queues, experiments, coaching, training, actions, questions and their answers."""

import datetime as dt

import duckdb

from plumbline.sample import plants, world

# What each queue should be set to (seeds/reference/expected_settings.csv) and is, from the first day on; the three
# faults are at the end.
SETTINGS = [
    ("video_general", "auto_assign", "true"),
    ("video_general", "blur_thumbnails", "true"),
    ("video_sensitive", "auto_assign", "true"),
    ("video_sensitive", "blur_thumbnails", "true"),
    ("live", "auto_assign", "true"),
    ("comments", "auto_assign", "true"),
    ("comments", "max_open_tasks", "20"),
    ("accounts", "auto_assign", "true"),
    ("minor_safety", "blur_thumbnails", "true"),
    ("minor_safety", "double_review", "true"),
    ("ads", "auto_assign", "true"),
    ("escalations", "double_review", "true"),
]
MISSING = ("live", "max_open_tasks")
WRONG = ("video_sensitive", "wellness_break_minutes", "5")
LATE = ("comments", "max_open_tasks", "30", dt.date(2026, 4, 1), 10)


def make_world(connection: duckdb.DuckDBPyConnection) -> None:
    """Add what happens on days of its own to what is pending: it does not grow with the decisions."""
    first = world.FIRST_DAY
    connection.execute(_SETTINGS, {"settings": [*map(list, SETTINGS), list(WRONG)], "first": first})
    queue, setting, value, due, days = LATE
    connection.execute(
        """
        insert into pending_queue_configurations by name
        select $queue as queue_id, $setting as setting, cast($day as timestamp) + interval 9 hour as changed_at,
            $value as value, 'settings-bot' as changed_by, $day as landed_on, 'plain' as fate
        """,
        {"queue": queue, "setting": setting, "value": value, "day": due + dt.timedelta(days=days)},
    )
    numbers = {
        "first": first, "coaching": plants.COACHING, "policy": plants.POLICY_CHANGE, "experiment": plants.EXPERIMENT,
    }  # fmt: skip
    for statement in (_COACHING, _TRAINING, _TREATED, _ACTIONS, _REQUESTS, _REVIEWS):
        connection.execute(statement, {name: value for name, value in numbers.items() if f"${name}" in statement})


def make_units(connection: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Add the tasks and contents of the days that are units of an experiment to what is pending."""
    connection.execute(_UNITS, {"seed": seed})


_SETTINGS = """
insert into pending_queue_configurations by name
select
    row[1] as queue_id, row[2] as setting, cast($first as timestamp) + interval 6 hour as changed_at, row[3] as value,
    'queue-owners' as changed_by, $first as landed_on, 'plain' as fate
from (select unnest($settings) as row)
"""

_COACHING = """
insert into pending_coaching_sessions by name
select
    'CO' || lpad(cast(i as varchar), 5, '0') as coaching_id, moderator_id, 'LEAD-' || site_id as coach_id,
    cast($first + cast($coaching as integer) as timestamp) + interval 10 hour as coached_at,
    case coaching_arm when 'coached' then 'applying the policy' else 'low score of the month' end as topic,
    case coaching_arm when 'coached' then 'policy_unclear' end as root_cause_code,
    $first + cast($coaching as integer) as landed_on, 'plain' as fate
from people
where coaching_arm in ('coached', 'bad_month_coached') and hired_on < $first + cast($coaching as integer)
    and (left_on is null or left_on > $first + cast($coaching as integer))
"""

# Nobody at Lisbon was trained in the new version; there, Spanish is where it tells.
_TRAINING = """
insert into pending_training_completions by name
select
    moderator_id, 'hate_speech_v2' as module,
    cast($first + cast($policy as integer) - 7 as timestamp) + to_seconds(32400 + i % 20000) as completed_at,
    '2' as policy_version, cast(0.8 + (i % 20) / 100.0 as double) as score,
    $first + cast($policy as integer) - 7 as landed_on, 'plain' as fate
from people
where hired_on < $first + cast($policy as integer) - 7 and site_id <> 'lisbon'
"""

_TREATED = """
insert into pending_assignments by name
select
    'blur_thumbnails' as experiment_id, 'moderator' as unit_type, moderator_id as unit_id, site_id as cluster_id,
    case when is_treated then 'treated' else 'control' end as variant,
    cast($first + cast($experiment as integer) as timestamp) as assigned_at,
    $first + cast($experiment as integer) as landed_on, 'plain' as fate
from people
where hired_on < $first + cast($experiment as integer)
"""

# An arm of 56 in 100 where 50 were planned is the broken one.
_UNITS = """
insert into pending_assignments by name
select
    experiment_id, unit_type, unit_id, cast(null as varchar) as cluster_id,
    case when draw($seed, experiment_id, d, i) < planned then 'treated' else 'control' end as variant,
    enqueued_at as assigned_at, cast(date_trunc('week', day) as date) + 7 as landed_on, 'plain' as fate
from (
    select
        'second_look' as experiment_id, 'task' as unit_type, task_id as unit_id, 0.5 as planned, enqueued_at, day, d, i
    from roots where d >= 90 and draw($seed, 'in_second_look', d, i) < 0.05
    union all
    select 'evidence_panel', 'content', content_id, 0.56, enqueued_at, day, d, i
    from roots where d >= 120 and draw($seed, 'in_evidence_panel', d, i) < 0.05
)
"""

_ACTIONS = """
insert into pending_management_actions by name
select
    'ACT' || cast(n as varchar) as action_id, candidate as candidate_id,
    cast($first + opened as timestamp) + interval 9 hour as opened_at, owner, department, kind,
    cause as root_cause_code, metric, queue as scope_queue_id, policy as scope_policy_code, language as scope_language,
    site as scope_site_id,
    cast(change as double) as expected_change,
    cast($first + opened + 3 as timestamp) + interval 9 hour as started_at, $first + opened + 30 as due_on,
    case when closed is null then 'open' else 'done' end as status,
    cast($first + opened + closed as timestamp) + interval 17 hour as closed_at,
    $first + opened + coalesce(closed, 0) as landed_on, 'plain' as fate
from (values
    (1, null, 100, 20, 'site-lead', 'Operations', 'coaching', 'policy_unclear', 'audit_accuracy', null, null, null,
        null, 0.03),
    (2, 'hate_speech/es/lisbon', 125, 20, 'trainer', 'Training', 'training', 'policy_unknown', 'audit_accuracy', null,
        'hate_speech', 'es', 'lisbon', 0.2),
    (3, null, 155, 20, 'planner', 'Workforce Management', 'staffing', 'time_pressure', 'sla_attainment', 'live', null,
        null, null, 0.1),
    (4, null, 95, 40, 'tools-lead', 'Operations', 'tooling', null, 'average_handle_time', 'comments', null, null, null,
        -2),
    (5, null, 130, null, 'policy-lead', 'Policy', 'guideline', 'policy_unclear', 'audit_accuracy', null,
        'misinformation', null, null, 0.02)
) as a(n, candidate, opened, closed, owner, department, kind, cause, metric, queue, policy, language, site, change)
"""

_REQUESTS = """
insert into pending_insight_requests by name
select
    'REQ' || cast(n as varchar) as request_id, department as requester_department, question, metric,
    cast(effect as double) as minimum_effect, cast(planned as bigint) as planned_n, status,
    cast($first + opened as timestamp) + interval 9 hour as opened_at, $first + opened + 21 as due_on,
    case when status = 'delivered' then cast($first + opened + 18 as timestamp) end as delivered_at, outcome,
    $first + opened + case when status = 'delivered' then 18 else 0 end as landed_on, 'plain' as fate
from (values
    (1, 'Policy', 'Did version 2 of hate speech change accuracy?', 'audit_accuracy', 0.05, 600, 110, 'delivered',
        'adopted'),
    (2, 'Product', 'Do blurred thumbnails slow people down?', 'average_handle_time', 2, 90, 75, 'delivered', 'adopted'),
    (3, 'Support', 'Why is CSAT of appeals in Mexico low?', 'csat', 0.05, 400, 150, 'open', null)
) as r(n, department, question, metric, effect, planned, opened, status, outcome)
"""

_REVIEWS = """
insert into pending_rca_reviews by name
select
    'RCA' || cast(n as varchar) as review_id, candidate as candidate_id, department, verdict, cause as root_cause_code,
    evidence, cast($first + reviewed as timestamp) + interval 15 hour as reviewed_at, $first + reviewed as landed_on,
    'plain' as fate
from (values
    (1, 'hate_speech/es/lisbon', 'Training', 'confirmed', 'policy_unknown', 'Nobody at Lisbon completed the training.',
        123),
    (2, 'hate_speech/es/bogota', 'Training', 'rejected', null, 'No change against the months before.', 124)
) as r(n, candidate, department, verdict, cause, evidence, reviewed)
"""
