{{ config(materialized='table') }}

select
    vendor_id,
    vendor_name,
    sourcing
from {{ ref('vendors') }}
union all
select
    '(unmapped)',
    '(unmapped)',
    cast(null as varchar)
union all
select
    '(automated)',
    '(automated)',
    cast(null as varchar)
union all
select
    '(unclaimed)',
    '(unclaimed)',
    cast(null as varchar)
