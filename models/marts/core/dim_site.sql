{{ config(materialized='table') }}

select
    site_id,
    site_name,
    country,
    time_zone,
    vendor_id
from {{ ref('sites') }}
union all
select
    '(unmapped)',
    '(unmapped)',
    cast(null as varchar),
    cast(null as varchar),
    cast(null as varchar)
union all
select
    '(automated)',
    '(automated)',
    cast(null as varchar),
    cast(null as varchar),
    cast(null as varchar)
union all
select
    '(unclaimed)',
    '(unclaimed)',
    cast(null as varchar),
    cast(null as varchar),
    cast(null as varchar)
