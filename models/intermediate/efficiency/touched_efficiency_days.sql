{{ config(materialized='incremental', incremental_strategy='append') }}

{%- set through = built_through() %}

with rolled_up as (
    select event_on, 'decisions' as cause from {{ ref('touched_decision_days') }} where _batch > {{ through }}
    union all
    select event_on, 'activity' from {{ ref('touched_activity_days') }} where _batch > {{ through }}
    union all
    select event_on, 'former_tasks' from {{ ref('log_former_task_days') }} where _batch > {{ through }}
    union all
    select event_on, 'tasks' from {{ ref('int_tasks_daily') }} where _batch > {{ through }}
    union all
    select due_on, 'tasks' from {{ ref('int_tasks_daily') }} where _batch > {{ through }}
    union all
    select decided_on, 'tasks' from {{ ref('int_turnaround_histogram') }} where _batch > {{ through }}
),

-- What is due counts once its day is over, so days turn when the clock does.
clock as (
    select
        as_of_day,
        {% if is_incremental() -%}
        (select max_by(event_on, _batch) from {{ this }} where cause = 'as_of')
        {%- else -%}
        cast(null as date)
        {%- endif %} as former_as_of_day
    from {{ ref('int_as_of') }}
),

turned as (
    select
        {{ days_between('least(as_of_day, former_as_of_day)', 'greatest(as_of_day, former_as_of_day)') }} as event_on,
        'turned' as cause
    from clock
    where former_as_of_day <> as_of_day
),

touched as (
    select * from rolled_up
    union all
    select cast(event_on as date), cause from turned
    union all
    select as_of_day, 'as_of' from clock
    where former_as_of_day is distinct from as_of_day
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from touched
where event_on is not null
