{{ config(group='people', access='private') }}

select
    frame_id,
    stratum,
    cast(population_count as bigint) as population_count,
    cast(current_n as bigint) as current_n,
    cast(planned_n as bigint) as planned_n,
    cast(expected_accuracy as double) as expected_accuracy,
    cast(inclusion_probability as double) as inclusion_probability,
    cast(current_half_width as double) as current_half_width,
    cast(half_width as double) as half_width,
    {{ build_id() }} as build_id
from {{ ref('audit_sampling_plan') }}
