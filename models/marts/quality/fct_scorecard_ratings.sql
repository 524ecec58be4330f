select
    subject_type,
    subject_id,
    category,
    rated_at,
    score,
    min_score,
    max_score,
    weight,
    is_critical
from {{ ref('stg_quality__scorecard_ratings') }}
