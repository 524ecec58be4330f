"""Support tickets and the events that moved them."""

import duckdb


def make_tickets(connection: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Add the tickets that arise on the days of `day_load`, in each state, and the field changes that made it."""
    connection.execute(_EVENTS, {"seed": seed})
    connection.execute(_FIELD_HISTORY)
    connection.execute(_TICKETS)


# Event 0 opens a ticket, 1 replies (pending), 2 solves it; every twelfth is reopened and solved again (3, 4).
_EVENTS = """
create or replace table events as
with drawn as (
    select
        i,
        strftime(day, 'Z%y%m%d-') || lpad(cast(i as varchar), 5, '0') as ticket_id,
        cast(day as timestamp) + to_seconds(pick($seed, 't_second', d, i) % 86400) as created_at,
        draw($seed, 't_reply', d, i) as reply_draw,
        draw($seed, 't_solve', d, i) as solve_draw,
        pick($seed, 't_reopen', d, i) % 12 = 0 as is_reopened,
        ['web', 'email', 'app'][1 + pick($seed, 't_channel', d, i) % 3] as via_channel,
        ['low', 'normal', 'normal', 'high', 'urgent'][1 + pick($seed, 't_priority', d, i) % 5] as priority,
        ['appeals_help', 'account_help', 'safety_reports'][1 + pick($seed, 't_group', d, i) % 3] as group_id,
        'AG' || lpad(cast(1 + pick($seed, 't_agent', d, i) % 20 as varchar), 3, '0') as assignee_id,
        'USR' || cast(pick($seed, 't_user', d, i) % 1000000 as varchar) as requester_id
    from (select day, d, unnest(range(tickets)) as i from day_load)
), steps as (
    select *, unnest([0, 1, 2, 3, 4]) as event from drawn
)
select
    *,
    ticket_id || '-' || cast(event as varchar) as event_id,
    ['new', 'pending', 'solved', 'open', 'solved'][event + 1] as status,
    created_at + case event
        when 0 then interval 0 second
        when 1 then to_seconds(cast(300 - ln(1 - reply_draw * 0.999) * 9000 as bigint))
        else to_seconds(cast(300 - ln(1 - reply_draw * 0.999) * 9000 - ln(1 - solve_draw * 0.999) * 70000 as bigint))
            + case event when 3 then interval 26 hour when 4 then interval 40 hour else interval 0 hour end
    end as happened_at
from steps
where event < 3 or is_reopened
"""

_FIELD_HISTORY = """
insert into pending_ticket_field_history
select ticket_id, 'status', happened_at, event_id, case when event = 0 then requester_id else assignee_id end, status,
    cast(happened_at as date), 'plain'
from events
union all
select ticket_id, 'assignee_id', happened_at, event_id, assignee_id, assignee_id, cast(happened_at as date), 'plain'
from events where event = 1
union all
select ticket_id, 'group_id', happened_at, event_id, requester_id, group_id, cast(happened_at as date), 'plain'
from events where event = 0
"""

# A ticket lands as it stands at the end of each day on which it changed.
_TICKETS = """
insert into pending_ticket
select
    ticket_id, created_at, happened_at, status, priority, 'question', via_channel, group_id,
    case when event > 0 then assignee_id end, requester_id, null, null, cast(happened_at as date),
    case when cast(happened_at as date) = cast(created_at as date) then 'first' else 'closed' end
from events
qualify row_number() over (partition by ticket_id, cast(happened_at as date) order by event desc) = 1
"""
