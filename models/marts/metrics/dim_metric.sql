{{ config(materialized='table') }}

select
    *,
    {{ build_id() }} as build_id
from {{ ref('int_metric_definitions') }}
