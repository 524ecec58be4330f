select
    schedule_id,
    holiday_on
from {{ ref('schedule_holidays') }}
union
select
    schedule_id,
    holiday_on
from ({{ landed_holidays() }}) as landed
