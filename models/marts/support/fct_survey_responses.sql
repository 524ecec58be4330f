select
    response_id,
    ticket_id,
    asked_at,
    answered_at,
    question,
    score,
    scale_max
from {{ ref('stg_support__survey_responses') }}
