{{ config(materialized='table') }}

select
    rating_id,
    session_id,
    item_id,
    label,
    policy_code,
    policy_version,
    queue_id,
    rating_round,
    is_reference,
    rated_at
from {{ ref('int_calibration_ratings') }}
