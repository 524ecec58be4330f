{{ config(materialized='table') }}

select
    language,
    language_name
from {{ ref('languages') }}
union all
select
    '(unmapped)',
    '(unmapped)'
