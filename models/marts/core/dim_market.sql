{{ config(materialized='table') }}

select
    market,
    market_name
from {{ ref('markets') }}
union all
select
    '(unmapped)',
    '(unmapped)'
