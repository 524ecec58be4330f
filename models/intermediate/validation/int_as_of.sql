{{ config(materialized='table') }}

-- The one clock: things are known up to the end of the last day on which anything landed, or as the variable says.
{%- set end_of_last_landing = 'landed_on + 1' %}
{%- set known_until = literal(var('as_of')) if var('as_of') else end_of_last_landing %}

with landed as (
    select landed_on
    from {{ ref('stg_landing__files') }}
    where rows_in_file > 0
),

final as (
    select max(cast({{ known_until }} as timestamp)) as as_of
    from landed
)

select
    as_of,
    {{ reporting_day('as_of') }} as as_of_day
from final
