select
    session_id,
    item_id,
    rater_key,
    label,
    policy_code,
    policy_version,
    queue_id,
    rating_round,
    is_reference,
    rated_at
from {{ ref('int_calibration_ratings') }}
