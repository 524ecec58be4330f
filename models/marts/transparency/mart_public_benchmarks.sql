{{ config(materialized='table') }}

select
    *,
    {{ build_id() }} as build_id
from {{ ref('int_published_figures') }}
