{{ config(materialized='incremental', incremental_strategy='append') }}

-- A task that comes in or changes tells on every day from its own to the one that is known up to.
{%- set through = built_through() %}

with changed as (
    select
        min(event_on) as first_day,
        max(event_on) as last_day
    from (
        select event_on from {{ ref('affected_task_days') }}
        where _batch > {{ through }}
        union all
        select event_on from {{ ref('affected_efficiency_days') }}
        where _batch > {{ through }} and cause in ('turned', 'as_of')
    ) as days
),

affected as (
    select
        cast({{ days_between('changed.first_day', 'greatest(changed.last_day, as_of.as_of_day)') }} as date)
            as event_on
    from changed
    cross join {{ ref('int_as_of') }} as as_of
)

select
    event_on,
    {{ batch() }} as _batch
from affected
