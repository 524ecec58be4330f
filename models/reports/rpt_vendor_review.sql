{{ config(materialized='table', group='people') }}

with final as (
    {{ saved_query('vendor_review', ref('rpt_metric_values')) }}
)

select
    *,
    {{ build_id() }} as build_id
from final
