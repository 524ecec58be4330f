-- A view: only who asks for exact percentiles of age pays for a row per task and day.
select
    queue_id,
    market,
    language,
    age_days,
    {{ numbers_between(1, 'tasks_open') }} as place,
    reporting_on
from {{ ref('int_backlog_daily') }}
where tasks_open > 0
