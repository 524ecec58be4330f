{{ config(materialized='table', group='people') }}

with judged as (
    select
        *,
        moderators >= {{ var('minimum_people') }} as is_reportable
    from {{ ref('mart_productive_time_weekly') }}
)

select
    scope,
    slice_type,
    slice,
    cast(moderators as bigint) as moderators,
    {%- for name, numerator, denominator in [
        ('occupancy', 'handling_seconds', 'handling_seconds + idle_seconds'),
        ('utilisation', 'handling_seconds + idle_seconds + other_productive_seconds', 'paid_seconds'),
        ('shrinkage', 'paid_seconds - handling_seconds - idle_seconds', 'paid_seconds'),
    ] %}
    case
        when is_reportable then cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
    end as {{ name }},
    {%- endfor %}
    case when not is_reportable then 'fewer than {{ var('minimum_people') }} people' end as not_reportable_reason,
    is_reportable,
    week_starting_on,
    {{ build_id() }} as build_id
from judged
