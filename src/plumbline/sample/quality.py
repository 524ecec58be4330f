"""Audits of decisions, their sampling frames, and a calibration session a week."""

import datetime as dt

import duckdb

from plumbline.sample import plants, world


def make_audits(connection: duckdb.DuckDBPyConnection, *, seed: int, audit_seed: int) -> None:
    """Draw audits from the human decisions of `steps`, and count the frames they stand for.

    `audit_seed` draws which decisions are audited, and nothing else: another one is another audit of the same world.
    """
    connection.execute(_POPULATION)
    connection.execute(_COUNT_FRAMES)
    connection.execute(_AUDITS, {"seed": seed, "audit_seed": audit_seed})


_VIOLATIVE = tuple(world.MEASURES)
_WATCHED = " ".join(f"when '{policy}' then {rate}" for policy, rate in world.WATCHED.items())

# The frame of a decision is the ISO week in which it was made, its stratum the queue, and the policy where that is
# watched; escalations are strata of their own. Gold items and skips are in no frame, and of advertising no approvals.
_POPULATION = f"""
create or replace table population as
select
    'D' || substr(step_task_id, 2) as decision_id,
    strftime(decision_on, 'W%G-%V') as frame_id,
    step_queue_id || case
        when outcome = 'escalate' then '/escalated'
        else case when step_queue_id = 'ads' then '/violations' else '' end
            || case when policy_code in ({", ".join(f"'{policy}'" for policy in world.WATCHED)}) then '/' || policy_code
                else '' end
        end as stratum,
    cast(date_trunc('week', decision_on) as date) as period_start,
    cast(
        case outcome when 'escalate' then {world.ESCALATIONS_AUDITED}
            else greatest(audit_probability, case policy_code {_WATCHED} else 0 end) end as decimal(9, 4)
    ) as audit_probability,
    is_gold as is_gold_item,
    is_gold or outcome = 'skip'
        or (step_queue_id = 'ads' and outcome = 'no_violation') as is_outside,
    d, i, step, is_easy, outcome, true_outcome, policy_code, decided_policy_code, finished_at, site_id, vendor_id,
    is_stale
from (
    select *, cast(settled_at as date) as decision_on from steps
) as s inner join queue_world as q on q.queue_id = s.step_queue_id
where not is_undecided
"""

_COUNT_FRAMES = """
insert into frame_counts
select frame_id, stratum, period_start, period_start + 6, count(*), sum(audit_probability)
from population where not is_outside group by all
"""


def close_frames(connection: duckdb.DuckDBPyConnection, *, monday: dt.date) -> None:
    """Add the frames of weeks that ended before `monday` to what is pending, and forget their counts."""
    connection.execute(
        """
        insert into pending_audit_frames by name
        select
            frame_id, stratum, period_start, period_end, cast(sum(population) as bigint) as population_count,
            cast(round(sum(planned)) as bigint) as planned_n, $1 as landed_on, 'plain' as fate
        from frame_counts where period_end < $1 group by all
        """,
        [monday],
    )
    connection.execute("delete from frame_counts where period_end < $1", [monday])


# A reviewer sees a violation with probability 0.94 and its absence with 0.97, and shares a stale guideline; the
# lenient one lets every second error pass. What was easy need not have been escalated, as nineteen of twenty see.
# What is targeted is picked because it looked wrong; gold items, to know reviewers.
_AUDITS = f"""
insert into pending_audits by name
with chosen as (
    select *, 'stratified' as sample_design, audit_probability as inclusion_probability,
        outcome <> 'escalate' and draw($seed, 'mode', d, i * 2 + step) < 0.1 as is_pair
    from population where not is_outside and draw($audit_seed, 'audit', d, i * 2 + step) < audit_probability
    union all
    select *, 'targeted', null, false
    from population
    where draw($seed, 'target', d, i * 2 + step) < case
            when is_gold_item then 0.5
            when outcome <> true_outcome and outcome not in ('skip', 'escalate') then 0.08
            else 0.002 end
        and (is_outside or draw($audit_seed, 'audit', d, i * 2 + step) >= audit_probability)
), seen as (
    select *, 1 as seat from chosen union all select *, 2 from chosen where is_pair
), assigned as (
    select *,
        draw($seed, 'verdict', d, (i * 2 + step) * 2 + seat) as verdict_draw,
        draw($seed, 'dispute', d, i * 2 + step)
            / case when vendor_id = 'palmera' then 0.95 else 0.2 end as dispute_place,
        finished_at + to_seconds(cast(30000 + 200000 * draw($seed, 'lag', d, (i * 2 + step) * 2 + seat) as bigint))
            as audited_at,
        case when site_id = 'bogota' and seat = 1 and draw($seed, 'lenient', d, i * 2 + step) < 0.5
            then {plants.LENIENT_AUDITOR}
            else 1 + ({plants.LENIENT_AUDITOR} + (hash(decision_id) + seat * 5) % 11) % 12 end as auditor
    from seen
), judged as (
    select *,
        outcome <> 'escalate' and auditor = {plants.LENIENT_AUDITOR}
            and draw($seed, 'lets_pass', d, i * 2 + step) < 0.5
            or is_stale and outcome = 'remove' as is_passed
    from assigned
), said as (
    select *,
        case
            when verdict_draw < 0.01 then 'unauditable'
            when outcome = 'escalate' and is_easy = (draw($seed, 'due', d, i) < 0.05) then 'escalate'
            when is_passed then outcome
            when verdict_draw < 0.07 and true_outcome <> 'no_violation' then 'no_violation'
            when verdict_draw < 0.04 and true_outcome = 'no_violation' then 'remove'
            else true_outcome
        end as audited_outcome,
        case when is_passed then decided_policy_code else policy_code end as seen_policy_code
    from judged
), placed as (
    select *,
        audited_outcome <> outcome and audited_outcome <> 'unauditable' and sample_design <> 'targeted' and not is_pair
            and outcome <> 'escalate' and dispute_place < 1 as is_disputed,
        case
            when dispute_place < 0.05 then 'raised'
            when dispute_place < case when vendor_id = 'palmera' then 0.75 else 0.25 end then 'accepted'
            else 'rejected'
        end as disputed_status
    from said
)
select
    'Q' || substr(decision_id, 2) || '-' || cast(seat as varchar) as audit_id,
    decision_id,
    case when sample_design <> 'targeted' then frame_id end as frame_id,
    case when sample_design <> 'targeted' then stratum end as stratum,
    sample_design, inclusion_probability,
    case when is_pair then 'double_blind' else 'blind' end as review_mode,
    1 as audit_round,
    'QA' || lpad(cast(auditor as varchar), 3, '0') as auditor_id,
    'in_house' as auditor_type, audited_at, audited_outcome,
    case when audited_outcome in {_VIOLATIVE} then seen_policy_code end as audited_policy_code,
    case
        when audited_outcome = 'unauditable' or outcome in ('skip', 'escalate') then null
        when audited_outcome = outcome then case
            when outcome in {_VIOLATIVE} and seen_policy_code <> decided_policy_code then 'wrong_selection' end
        when outcome = 'no_violation' then 'false_negative'
        when audited_outcome = 'no_violation' then 'false_positive'
        else 'wrong_selection'
    end as error_class,
    case when audited_outcome not in ('unauditable', outcome) and outcome not in ('skip', 'escalate')
        then cast(1 + hash(decision_id) % 5 as bigint) end
        as severity,
    case
        when audited_outcome in ('unauditable', outcome) or outcome in ('skip', 'escalate') then null
        when policy_code = 'hate_speech' and d >= {plants.POLICY_CHANGE} then 'policy_unknown'
        else ['policy_unclear', 'policy_unknown', 'attention', 'language_gap', 'time_pressure']
            [1 + cast(hash(decision_id) % 5 as bigint)]
    end as root_cause_code,
    case when is_disputed then disputed_status end as dispute_status,
    case when is_disputed then audited_at + interval 1 day end as dispute_raised_at,
    case when is_disputed and disputed_status <> 'raised' then audited_at + interval 3 day end as dispute_resolved_at,
    case when is_disputed then case disputed_status when 'accepted' then outcome when 'rejected' then audited_outcome
        end end as final_outcome,
    case when is_disputed then case
        when disputed_status = 'accepted' and outcome in {_VIOLATIVE} then decided_policy_code
        when disputed_status = 'rejected' and audited_outcome in {_VIOLATIVE} then seen_policy_code
        end end as final_policy_code,
    cast(case when is_disputed then audited_at + interval 3 day else audited_at end as date) as landed_on,
    'plain' as fate
from placed
union all
-- Where a blind pair disagreed, an adjudicator decides, but for one in four that is still open.
select
    'Q' || substr(decision_id, 2) || '-3', decision_id, any_value(frame_id), any_value(stratum), 'stratified',
    any_value(inclusion_probability), 'open', 2, 'QA900', 'lead', max(audited_at) + interval 2 day,
    any_value(true_outcome),
    case when any_value(true_outcome) <> 'no_violation' then any_value(policy_code) end,
    null, null, null, null, null, null, null, null,
    cast(max(audited_at) + interval 2 day as date), 'plain'
from placed
where is_pair
group by decision_id
having count(distinct audited_outcome) > 1 and hash(decision_id) % 4 > 0
"""


def make_calibration(connection: duckdb.DuckDBPyConnection, *, seed: int, monday: dt.date) -> None:
    """Add the session of the week that begins on `monday`: 25 items, 12 raters and the reference."""
    connection.execute(
        _CALIBRATION,
        {"seed": seed, "d": (monday - world.FIRST_DAY).days, "monday": monday, "measures": list(world.MEASURES)},
    )


_CALIBRATION = """
insert into pending_calibration_ratings by name
with raters as (
    select moderator_id, row_number() over (order by hash($seed, $d, moderator_id)) as seat
    from people where hired_on <= $monday and (left_on is null or left_on > $monday)
    qualify seat <= 12
), items as (
    select i, strftime($monday, 'CAL%G-%V') || '-' || cast(i as varchar) as item_id,
        case when draw($seed, 'cal_true', $d, i) < 0.5 then 'no_violation'
            else $measures[1 + pick($seed, 'cal_measure', $d, i) % len($measures)] end as true_label
    from range(25) as r(i)
)
select
    strftime($monday, 'CAL%G-%V') as session_id, item_id, moderator_id as rater_id, 1 as round,
    cast($monday as timestamp) + interval 34 hour as rated_at,
    case
        when draw($seed, 'cal_skip', $d, i * 100 + seat) < 0.03 then null
        when draw($seed, 'cal_wrong', $d, i * 100 + seat) < 0.12
            then $measures[1 + pick($seed, 'cal_label', $d, i * 100 + seat) % len($measures)]
        else true_label
    end as label,
    'hate_speech' as policy_code,
    case when $monday < date '2026-04-13' then '1' else '2' end as policy_version,
    'video_sensitive' as queue_id, false as is_reference, $monday + 1 as landed_on, 'plain' as fate
from items cross join raters
union all
select strftime($monday, 'CAL%G-%V'), item_id, 'REFERENCE', 1, cast($monday as timestamp) + interval 33 hour,
    true_label,
    'hate_speech', case when $monday < date '2026-04-13' then '1' else '2' end, 'video_sensitive', true, $monday + 1,
    'plain'
from items
"""
