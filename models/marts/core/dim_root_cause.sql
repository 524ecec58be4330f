{{ config(materialized='table') }}

select
    root_cause_code,
    root_cause_name,
    owner_department
from {{ ref('root_causes') }}
union all
select
    '(unmapped)',
    '(unmapped)',
    cast(null as varchar)
union all
select
    '(none)',
    '(none)',
    cast(null as varchar)
