"""Support: tickets and the events that moved them, what was said, and how content people were."""

import datetime as dt

import duckdb

from plumbline.sample import plants


def make_tickets(connection: duckdb.DuckDBPyConnection, *, seed: int) -> None:
    """Add the tickets that arise on the days of `day_load`, in each state, and the field changes that made it."""
    connection.execute(_EVENTS, {"seed": seed})
    for statement in (_FIELD_HISTORY, _TICKETS, _COMMENTS):
        connection.execute(statement)
    connection.execute(_LINKS, {"seed": seed})
    for statement in (_PEND_LINKS, _RATINGS, _SURVEYS, _SCORECARDS):
        connection.execute(statement, {"seed": seed} if "$seed" in statement else {})


def make_desk(connection: duckdb.DuckDBPyConnection, *, first: dt.date) -> None:
    """Add the agents, the groups and the hours of the desk to what is pending. Requesters have an id and no row."""
    connection.execute(_DESK_USERS, {"first": first})
    connection.execute(_DESK_GROUPS, {"first": first})
    connection.execute(_DESK_HOURS, {"first": first})
    connection.execute(_DESK_HOLIDAYS, {"first": first})


# Event 0 opens a ticket, 1 replies (pending), 2 solves it; every twelfth is reopened and solved again (3, 4).
_EVENTS = """
create or replace table events as
with drawn as (
    select
        day,
        d,
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

# The requester's question, the agent's answer, a note that the requester does not see, and an answer to who came back.
_COMMENTS = """
insert into pending_ticket_comment by name
select
    event_id || 'c' as id, ticket_id, case when event = 0 then requester_id else assignee_id end as user_id,
    happened_at + interval 1 second as created_at, event <> 2 as is_public,
    case event when 0 then 'Why was this decided?' when 2 then 'note' else 'It was looked at again.' end as body,
    cast(happened_at + interval 1 second as date) as landed_on, 'plain' as fate
from events
where event <> 3
"""

# Every second ticket about an appeal or a decision names the content and the decision that it is about.
_LINKS = f"""
create or replace table links as
select
    t.ticket_id, t.ticket_day, r.content_id, 'D' || substr(r.task_id, 2) as decision_id,
    r.policy_code = 'misinformation' and r.market = 'MX' and r.d >= {plants.STALE_GUIDELINE} as is_stale
from (
    select
        ticket_id, any_value(day) as ticket_day,
        row_number() over (partition by any_value(day) order by any_value(i)) - 1 as place
    from events
    where group_id = 'appeals_help'
    group by ticket_id
) as t
inner join (
    -- What people write about, first what they are right to.
    select day, d, i, task_id, content_id, policy_code, market,
        row_number() over (
            partition by day
            order by policy_code = 'misinformation' and market in ('MX', 'ID') desc, hash($seed, 'link', d, i), i
        ) - 1 as place
    from roots
    where path = 'direct' and true_outcome = 'no_violation'
    qualify place < 4000
) as r on r.day = t.ticket_day and r.place * 2 = t.place
"""

_PEND_LINKS = """
insert into pending_ticket_links by name
select ticket_id, content_id, decision_id, cast(null as varchar) as appeal_id, ticket_day as landed_on, 'plain' as fate
from links
"""

# One in three solved tickets is rated, and each that names its content: three of four are good, and one of four where
# the guideline is stale.
_RATINGS = """
insert into pending_satisfaction_rating by name
select
    'S' || e.ticket_id as id, e.ticket_id,
    cast(draw($seed, 'rating', e.d, e.i) < case when l.is_stale then 0.25 else 0.75 end as double) as score,
    cast(null as varchar) as comment, happened_at + interval 1 hour as created_at,
    happened_at + interval 2 hour as updated_at, cast(happened_at + interval 2 hour as date) as landed_on,
    'plain' as fate
from events as e
left join links as l on l.ticket_id = e.ticket_id
where e.event = 2 and (draw($seed, 'rated', e.d, e.i) < 0.33 or l.ticket_id is not null)
"""

_SURVEYS = """
insert into pending_survey_responses by name
select
    'SV' || ticket_id as response_id, ticket_id, happened_at + interval 1 day as asked_at,
    case when answered then happened_at + interval 26 hour end as answered_at,
    'How content are you with the answer?' as question,
    case when answered then cast(1 + pick($seed, 'survey_score', d, i) % 5 as double) end as score,
    cast(5 as double) as scale_max, cast(null as varchar) as comment,
    cast(date_trunc('week', happened_at + interval 26 hour) as date) + 7 as landed_on, 'plain' as fate
from (select *, draw($seed, 'survey_answer', d, i) < 0.4 as answered from events where event = 2)
where draw($seed, 'survey', d, i) < 0.1
"""

_SCORECARDS = """
insert into pending_scorecard_ratings by name
select
    'ticket' as subject_type, ticket_id as subject_id, category, happened_at + interval 2 day as rated_at,
    cast(case when draw($seed, category, d, i) < 0.85 then 5 else 2 end as double) as score,
    cast(0 as double) as min_score, cast(5 as double) as max_score, weight, category = 'solution' as is_critical,
    cast(date_trunc('week', happened_at + interval 2 day) as date) + 7 as landed_on, 'plain' as fate
from (select * from events where event = 2)
cross join (select unnest(['solution', 'tone', 'process']) as category, cast(unnest([50, 20, 30]) as double) as weight)
where draw($seed, 'scored', d, i) < 0.05
"""

_DESK_USERS = """
insert into pending_user by name
select
    'AG' || lpad(cast(n as varchar), 3, '0') as id, 'Agent ' || cast(n as varchar) as name, 'agent' as role,
    cast(null as varchar) as organization_id, 'en' as locale, cast($first - 300 as timestamp) as created_at,
    cast($first - 300 as timestamp) as updated_at, $first as landed_on, 'plain' as fate
from (select unnest(range(1, 21)) as n)
"""

_DESK_GROUPS = """
insert into pending_group by name
select id, replace(id, '_', ' ') as name, cast($first - 300 as timestamp) as created_at,
    cast($first - 300 as timestamp) as updated_at, $first as landed_on, 'plain' as fate
from (select unnest(['appeals_help', 'account_help', 'safety_reports']) as id)
"""

# Minutes of the week from Sunday midnight: Monday to Friday, eight to eight in Lisbon.
_DESK_HOURS = """
insert into pending_schedule by name
select 'desk' as id, 'Desk' as name, 'Europe/Lisbon' as time_zone, cast(n * 1440 + 480 as bigint) as start_time,
    cast(n * 1440 + 1200 as bigint) as end_time, cast($first - 300 as timestamp) as created_at, $first as landed_on,
    'plain' as fate
from (select unnest(range(1, 6)) as n)
"""

_DESK_HOLIDAYS = """
insert into pending_schedule_holiday by name
select 'new_year' as id, 'desk' as schedule_id, 'New Year' as name, date '2026-01-01' as start_date,
    date '2026-01-01' as end_date, $first as landed_on, 'plain' as fate
"""
