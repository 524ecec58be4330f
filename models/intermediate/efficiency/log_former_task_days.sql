{{ config(materialized='incremental', incremental_strategy='append') }}

-- What changes a task may take it away from the day it was due or decided on. Those days are read from the roll-ups as
-- the last run left them; they are overwritten after this model, which `require_caught_up` in them sees to, so there is
-- no `ref` to them here.
{%- set tasks_daily = former('int_tasks_daily') %}
{%- set histogram = former('int_turnaround_histogram') %}

with touched as (
    select event_on
    from {{ ref('touched_task_days') }}
    where _batch > {{ built_through() }}
),

left_days as (
    select event_on from touched
    {% if tasks_daily %}
    union all
    select due_on
    from {{ tasks_daily }}
    where {{ in_touched_days(ref('touched_task_days')) }}
    {% endif %}
    {%- if histogram %}
    union all
    select decided_on
    from {{ histogram }}
    where {{ in_touched_days(ref('touched_task_days')) }}
    {% endif %}
)

select distinct
    event_on,
    {{ batch() }} as _batch
from left_days
where event_on is not null
