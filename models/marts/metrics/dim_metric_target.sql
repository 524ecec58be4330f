{{ config(materialized='table') }}

select
    metric_id,
    scope_type as slice_type,
    scope as slice,
    target,
    valid_from,
    -- A target that was left open ends where the next begins.
    least(
        coalesce(valid_to, {{ forever() }}),
        coalesce(
            lead(valid_from) over (partition by metric_id, scope_type, scope order by valid_from) - 1, {{ forever() }}
        )
    ) as valid_to
from {{ ref('metric_targets') }}
