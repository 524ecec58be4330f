{{ config(meta={'owner': 'workforce-management'}) }}

-- Returns cells in which utilisation is not one less shrinkage, or handling share not occupancy times utilisation.
with parts as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        period_start,
        sum(case when metric_id = 'utilisation' then numerator end) as productive_seconds,
        sum(case when metric_id = 'utilisation' then denominator end) as paid_seconds,
        sum(case when metric_id = 'shrinkage' then numerator end) as unavailable_seconds,
        sum(case when metric_id = 'handling_share' then numerator end) as handling_seconds,
        sum(case when metric_id = 'occupancy' then numerator end) as occupied_seconds,
        sum(case when metric_id = 'occupancy' then denominator end) as occupiable_seconds
    from {{ ref('mart_metric_series') }}
    where
        metric_id in ('utilisation', 'shrinkage', 'handling_share', 'occupancy')
        and slice_type in ('all', 'site', 'vendor', 'team')
    group by grain, scope_type, scope, slice_type, slice, period_start
)

select *
from parts
where
    productive_seconds is distinct from paid_seconds - unavailable_seconds
    or handling_seconds is distinct from occupied_seconds
    or productive_seconds is distinct from occupiable_seconds
