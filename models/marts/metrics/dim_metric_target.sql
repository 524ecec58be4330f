{{ config(materialized='table') }}

select
    metric_id,
    scope_type as slice_type,
    scope as slice,
    target,
    valid_from,
    coalesce(valid_to, {{ forever() }}) as valid_to
from {{ ref('metric_targets') }}
