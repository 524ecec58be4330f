{{ config(materialized='table') }}

-- What a queue is like today; the settings in force at an event are on the fact.
with latest as (
    select
        *,
        row_number() over (partition by queue_id order by valid_from desc) as recency
    from {{ ref('int_queue_versions') }}
)

select
    queue_id,
    queue_name,
    sla_seconds
from latest
where recency = 1
union all
select
    '(unmapped)',
    '(unmapped)',
    cast(null as bigint)
