{{ config(materialized='table') }}

with figures as (
    select * from {{ ref('int_published_figures') }}
    union all
    select
        'own' as source,
        'own' as service,
        '(none)' as vintage,
        section,
        metric,
        period,
        slice_type,
        slice,
        '(none)' as surface,
        cast(0 as bigint) as line_number,
        value,
        slice_type in ('all', 'total') as is_whole,
        false as is_repeated,
        false as is_over_one,
        cast(null as double) as reconstructed_value,
        false as is_inconsistent
    from {{ ref('int_own_figures') }}
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
