{{ config(materialized='table') }}

-- The open pieces by the hours of open time that they cover, so that the instant at which a schedule has been open for
-- so long is found by an equal join.
with pieces as (
    select
        *,
        cast(floor(open_seconds_before / 3600.0) as bigint) + 1 as first_hour,
        cast(ceil((open_seconds_before + open_seconds) / 3600.0) as bigint) as last_hour
    from {{ ref('int_schedule_pieces') }}
    where is_open_time and open_seconds > 0
)

select
    schedule_id,
    {{ numbers_between('first_hour', 'last_hour') }} as open_hour,
    open_seconds_before,
    open_seconds,
    from_at
from pieces
