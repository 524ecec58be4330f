select
    ticket_id,
    event_id,
    status,
    reported_reopens,
    made_sla = 'true' as is_sla_made,
    event_on as happened_on,
    happened_at
from {{ ref('int_ticket_events') }}
