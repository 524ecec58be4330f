{{ config(materialized='table') }}

select
    metric_id,
    label,
    description,
    numerator,
    denominator,
    exclusions,
    unit,
    direction,
    owner_department,
    status,
    interval_method,
    date_role,
    computed_by,
    minimum,
    counted,
    minimum_n_exemption,
    only_by,
    allowed_slices,
    tier,
    version,
    minimum_n,
    settles_after_days,
    {{ build_id() }} as build_id
from {{ ref('int_metric_definitions') }}
