select
    request_id,
    requester_department,
    question,
    metric,
    minimum_effect,
    planned_n,
    status,
    opened_at,
    due_on,
    delivered_at,
    outcome
from {{ ref('stg_actions__insight_requests') }}
