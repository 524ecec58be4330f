"""Appeals against measures, and reports against what was left up: decided again, by people who look at the content."""

import duckdb


def make_appeals(connection: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Add the appeals against the decisions of `steps` and `automated`, as lodged and as resolved, to what is pending.

    Who was wronged wins more often and appeals more often, most of all where a guideline is stale; a decision nobody
    appealed is not thereby right.
    """
    connection.execute(_APPEALS, {"seed": seed})


_APPEALS = """
insert into pending_appeals by name
with decided as (
    select
        'D' || substr(step_task_id, 2) as decision_id, finished_at as decided_at, d, outcome,
        outcome <> true_outcome as is_wrong, is_stale and outcome = 'remove' as is_stale
    from steps
    where not is_undecided and outcome not in ('skip', 'escalate') and not is_gold
    union all
    select decision_id, decided_at, d, outcome, outcome <> true_outcome, false
    from automated
), appealed as (
    select *,
        draw($seed, 'appeal_ends', d, decision_id) as end_draw,
        draw($seed, 'appeal_days', d, decision_id) as days_draw,
        draw($seed, 'appeal_verdict', d, decision_id) as verdict_draw,
        pick($seed, 'appeal_channel', d, decision_id) % 100 as channel_pick
    from decided
    where draw($seed, 'appeal', d, decision_id)
        < case when outcome = 'no_violation' then 0.002 when is_stale then 0.8 when is_wrong then 0.12 else 0.03 end
), resolved as (
    select *,
        'AP-' || decision_id as appeal_id,
        channel_pick < 4 as is_out_of_court,
        -- A day later at the soonest: some decisions are corrected to the next day.
        decided_at + interval 25 hour + to_seconds(cast(-ln(1 - days_draw * 0.999) * 400000 as bigint)) as appealed_at,
        case
            when verdict_draw < 0.02 then 'withdrawn'
            when channel_pick < 4 and verdict_draw < 0.25 then 'omitted'
            when verdict_draw < case when is_wrong then 0.75 else 0.1 end then 'reversed'
            when verdict_draw > 0.985 then 'partially_reversed'
            else 'upheld'
        end as ends_as
    from appealed
), dated as (
    select *, appealed_at + to_seconds(cast(3600 - ln(1 - end_draw * 0.999) * 200000 as bigint)) as ends_at
    from resolved
), states as (
    select *, cast(appealed_at as date) as landed_on, cast(ends_at as date) = cast(appealed_at as date) as is_resolved,
        'first' as fate
    from dated
    union all
    select *, cast(ends_at as date), true, 'closed' from dated where cast(ends_at as date) > cast(appealed_at as date)
)
select
    appeal_id, decision_id,
    case when outcome = 'no_violation' then 'reporter' else 'creator' end as appellant_type,
    case when is_out_of_court then 'out_of_court' else 'internal' end as channel,
    appealed_at,
    case when is_resolved then ends_at end as resolved_at,
    case when is_resolved then ends_as end as outcome,
    case when is_resolved and ends_as in ('reversed', 'partially_reversed') and channel_pick % 20 > 0
        then ends_at + interval 10 minute end as implemented_at,
    landed_on,
    fate
from states
"""
