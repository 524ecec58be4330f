{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

{{ require_caught_up(ref('log_former_support_days'), ref('affected_ticket_days')) }}

with tickets as (
    select * from {{ ref('int_tickets') }}
    where is_known and {{ in_affected_days(ref('affected_ticket_days')) }}
),

-- A reply counts on its own day, a resolution on that of the solution that stands.
durations as (
    {% for duration, day, condition in [
        ('first_reply', 'first_replied_on', 'true'),
        ('first_reply_business', 'first_replied_on', 'true'),
        ('full_resolution', 'last_solved_on', "status in ('solved', 'closed')"),
        ('full_resolution_business', 'last_solved_on', "status in ('solved', 'closed')"),
    ] -%}
    select
        group_id,
        channel,
        priority,
        '{{ duration }}' as duration,
        {{ duration }}_seconds as seconds,
        event_on,
        {{ day }} as reporting_on
    from tickets
    where {{ duration }}_seconds is not null and {{ condition }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    group_id,
    channel,
    priority,
    duration,
    {{ histogram_bucket('seconds') }} as bucket,
    count(*) as row_count,
    event_on,
    reporting_on,
    {{ batch() }} as _batch
from durations
group by group_id, channel, priority, duration, bucket, event_on, reporting_on
