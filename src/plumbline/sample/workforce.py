"""What moderators were paid for: handling from their decisions, and the rest of the shift around it."""

import datetime as dt

import duckdb

from plumbline.sample import world


def count_handling(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the handling of `steps` to `handling`, by moderator, site-local day and queue."""
    connection.execute(
        """
        insert into handling
        with by_hour as (
            select moderator_id, time_zone, date_trunc('hour', finished_at) as utc_hour, step_queue_id,
                sum(handle_seconds) as seconds
            from steps inner join people using (moderator_id)
            where not is_undecided
            group by all
        ), local_days as (
            -- Every zone's offset is a whole number of hours, so an hour lies in one local day.
            select time_zone, utc_hour, cast(timezone(time_zone, timezone('UTC', utc_hour)) as date) as activity_on
            from (select distinct time_zone, utc_hour from by_hour)
        )
        select moderator_id, activity_on, step_queue_id, sum(seconds)
        from by_hour inner join local_days using (time_zone, utc_hour)
        group by all
        """
    )


def make_activity(connection: duckdb.DuckDBPyConnection, *, seed: int, through: dt.date) -> None:
    """Add the activity of the site-local days up to `through` to what is pending, and forget their handling.

    A row a queue with handling and idle time; a row without a queue with everything else. Paid time is the sum of
    the parts of its row.
    """
    connection.execute(_ACTIVITY, {"seed": seed, "first": world.FIRST_DAY, "through": through})
    connection.execute("delete from handling where activity_on <= $1", [through])


_ACTIVITY = """
insert into pending_activity by name
with by_queue as (
    select
        activity_on as day, activity_on - $first as d, h.moderator_id, i, queue_id,
        cast(sum(seconds) as bigint) as handling_seconds
    from handling as h inner join people using (moderator_id)
    where activity_on <= $through
    group by all
), with_idle as (
    select *, cast(floor(handling_seconds * (0.15 + 0.2 * draw($seed, 'idle', d, i))) as bigint) as idle_seconds
    from by_queue
), shifts as (
    select day, d, moderator_id, i, sum(handling_seconds + idle_seconds) as productive from with_idle group by all
), absent as (
    -- One in twenty of those with no decision that day is on paid leave or out sick.
    select days.day, days.d, people.moderator_id, people.i, draw($seed, 'absent', days.d, people.i) as absent_draw
    from (select distinct day, d from shifts) as days
    inner join people on hired_on <= day and (left_on is null or left_on > day)
    anti join shifts on shifts.day = days.day and shifts.moderator_id = people.moderator_id
    where draw($seed, 'absent', days.d, people.i) < 0.05
), parts as (
    select day, moderator_id, queue_id, handling_seconds, idle_seconds,
        0 as training, 0 as meeting, 0 as pause, 0 as wellness, 0 as down, 0 as leave_planned, 0 as unplanned
    from with_idle
    union all
    select day, moderator_id, null, 0, 0,
        cast(floor(productive * 0.04 * draw($seed, 'training', d, i)) as bigint),
        cast(floor(productive * 0.05) as bigint),
        cast(floor(productive * 0.10) as bigint),
        cast(floor(productive * 0.06 * (0.5 + draw($seed, 'wellness', d, i))) as bigint),
        case when draw($seed, 'down', d, 0) < 0.03 then cast(floor(productive * 0.08) as bigint) else 0 end, 0, 0
    from shifts
    union all
    select day, moderator_id, null, 0, 0, 0, 0, 0, 0, 0,
        case when absent_draw < 0.03 then 14400 else 0 end, case when absent_draw >= 0.03 then 14400 else 0 end
    from absent
), summed as (
    select *,
        handling_seconds + idle_seconds + training + meeting + pause + wellness + down + leave_planned + unplanned
            as paid
    from parts
)
select
    moderator_id, day as activity_on, queue_id,
    cast(paid - unplanned as decimal(18, 3)) as scheduled_seconds,
    cast(paid as decimal(18, 3)) as paid_seconds,
    cast(handling_seconds as decimal(18, 3)) as handling_seconds,
    cast(idle_seconds as decimal(18, 3)) as idle_seconds,
    cast(training as decimal(18, 3)) as training_seconds,
    cast(meeting as decimal(18, 3)) as meeting_seconds,
    cast(pause as decimal(18, 3)) as break_seconds,
    cast(wellness as decimal(18, 3)) as wellness_seconds,
    cast(down as decimal(18, 3)) as system_down_seconds,
    cast(leave_planned as decimal(18, 3)) as planned_leave_seconds,
    cast(unplanned as decimal(18, 3)) as unplanned_absence_seconds,
    greatest(day + 2, $first) as landed_on,
    'plain' as fate
from summed
"""
