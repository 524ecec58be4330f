{{ config(group='people', access='private') }}

select
    metric_id,
    grain,
    scope_type,
    scope,
    slice_type,
    slice,
    cast(lower as double) as lower,
    cast(upper as double) as upper,
    cast(period_start as date) as period_start,
    {{ build_id() }} as build_id
from {{ ref('metric_intervals') }}
