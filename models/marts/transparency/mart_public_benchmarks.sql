{{ config(materialized='table') }}

with figures as (
    select * from {{ ref('int_published_figures') }}
)

select
    source,
    service,
    vintage,
    section,
    metric,
    period,
    slice_type,
    slice,
    surface,
    line_number,
    value,
    is_whole,
    is_repeated,
    is_over_one,
    reconstructed_value,
    is_inconsistent,
    {{ build_id() }} as build_id
from figures
