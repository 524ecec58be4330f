select
    schedule_id,
    holiday_on
from {{ ref('schedule_holidays') }}
union
select
    schedule_id,
    cast({{ days_between('start_date', 'end_date') }} as date)
from {{ ref('stg_support__schedule_holiday') }}
where not coalesce(is_deleted, false)
