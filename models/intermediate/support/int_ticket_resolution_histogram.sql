{{ config(materialized='incremental', incremental_strategy='touched_days') }}

select
    group_id,
    channel,
    priority,
    {{ histogram_bucket(seconds_between('created_at', 'last_solved_at')) }} as bucket,
    count(*) as row_count,
    event_on,
    {{ reporting_day('last_solved_at') }} as reporting_on,
    {{ batch() }} as _batch
from {{ ref('int_tickets') }}
where
    is_known
    and last_solved_at is not null
    and status in ('solved', 'closed')
    and {{ in_touched_days(ref('touched_ticket_days')) }}
group by group_id, channel, priority, bucket, event_on, reporting_on
