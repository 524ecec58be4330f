select
    frame_id,
    stratum,
    population_count,
    planned_n,
    is_planned_over_population,
    period_start,
    period_end
from {{ ref('stg_quality__audit_frames') }}
