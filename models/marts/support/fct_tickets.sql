select
    ticket_id,
    status,
    priority,
    channel,
    group_id,
    events,
    reopens,
    reported_reopens,
    is_known,
    event_on as opened_on,
    created_at,
    first_solved_at,
    last_solved_at
from {{ ref('int_tickets') }}
