{{ config(materialized='incremental', incremental_strategy='insert_overwrite', meta={'day': 'reporting_on'}) }}

-- What waits at the end of each day that is over, by age, beside what came in and what left on it.
{%- set affected = in_affected_days(ref('affected_backlog_days'), 'reporting_on') %}

with flows as (
    select
        flows.*,
        as_of.as_of_day - 1 as last_day
    from {{ ref('int_backlog_flows') }} as flows
    cross join {{ ref('int_as_of') }} as as_of
    where flows.event_on < as_of.as_of_day
),

waiting as (
    select
        queue_id,
        market,
        language,
        tasks,
        event_on,
        cast({{ days_between('event_on', 'least(coalesce(ended_on - 1, last_day), last_day)') }} as date)
            as reporting_on
    from flows
    where ended_on is null or ended_on > event_on
),

counted as (
    select
        queue_id,
        market,
        language,
        reporting_on - event_on as age_days,
        tasks as tasks_open,
        0 as tasks_received,
        0 as tasks_ended,
        reporting_on
    from waiting
    union all
    select
        queue_id,
        market,
        language,
        0,
        0,
        tasks,
        0,
        event_on
    from flows
    union all
    select
        queue_id,
        market,
        language,
        ended_on - event_on,
        0,
        0,
        tasks,
        ended_on
    from flows
    where ended_on <= last_day
)

select
    queue_id,
    market,
    language,
    cast(age_days as bigint) as age_days,
    cast(sum(tasks_open) as bigint) as tasks_open,
    cast(sum(tasks_received) as bigint) as tasks_received,
    cast(sum(tasks_ended) as bigint) as tasks_ended,
    reporting_on,
    {{ batch() }} as _batch
from counted
where {{ affected }}
group by queue_id, market, language, age_days, reporting_on
