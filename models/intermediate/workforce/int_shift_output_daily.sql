{{ config(materialized='incremental', incremental_strategy='touched_days') }}

-- Kept under the day of enqueueing (event_on), as what it is made from. No zone is a whole day from UTC, so that an
-- instant is at its site on the day of UTC or on the one beside it.
with tasks as (
    select
        *,
        cast(decided_at as date) as utc_on
    from {{ ref('int_tasks') }}
    where decided_at is not null and is_production and {{ in_touched_days(ref('touched_task_days')) }}
)

select
    tasks.queue_id,
    tasks.site_id,
    tasks.vendor_id,
    count(*) as terminal_decisions,
    tasks.event_on,
    case
        when tasks.decided_at < site_days.begins_at then tasks.utc_on - 1
        when tasks.decided_at >= site_days.ends_at then tasks.utc_on + 1
        else tasks.utc_on
    end as shift_on,
    {{ batch() }} as _batch
from tasks
left join {{ ref('int_site_days') }} as site_days
    on tasks.site_id = site_days.site_id and tasks.utc_on = site_days.shift_on
group by all
