{{ config(materialized='incremental', incremental_strategy='append') }}

{%- set through = built_through() %}

with rolled_up as (
    {% for relation, day, cause in [
        (ref('affected_decision_days'), 'event_on', 'decisions'),
        (ref('affected_activity_days'), 'event_on', 'activity'),
        (ref('log_former_task_days'), 'event_on', 'former_tasks'),
        (ref('int_tasks_daily'), 'event_on', 'tasks'),
        (ref('int_tasks_daily'), 'due_on', 'tasks'),
        (ref('int_turnaround_histogram'), 'decided_on', 'tasks'),
        (ref('int_claim_wait_histogram'), 'claimed_on', 'tasks'),
    ] -%}
    select
        {{ day }} as event_on,
        '{{ cause }}' as cause
    from {{ relation }}
    where _batch > {{ through }}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
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

affected as (
    select * from rolled_up
    union all
    select
        cast(event_on as date),
        cause
    from turned
    union all
    select
        as_of_day,
        'as_of'
    from clock
    where former_as_of_day is distinct from as_of_day
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from affected
where event_on is not null
