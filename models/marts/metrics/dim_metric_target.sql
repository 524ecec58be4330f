{{ config(materialized='table') }}

select
    metric_id,
    scope_type as slice_type,
    scope as slice,
    target,
    valid_from,
    -- A target that was left open ends where the next begins.
    {{ last_valid_day('metric_id, scope_type, scope') }} as valid_to
from {{ ref('metric_targets') }}
