select
    review_id,
    candidate_id,
    department,
    verdict,
    root_cause_code,
    reviewed_at
from {{ ref('stg_quality__rca_reviews') }}
