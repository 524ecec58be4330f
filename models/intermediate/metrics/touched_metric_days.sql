{{ config(materialized='incremental', incremental_strategy='append') }}

{%- set through = built_through() %}

with changed as (
    {% for relation in [
        ref('touched_efficiency_days'), ref('touched_verdict_days'), ref('touched_appeal_days'),
        ref('touched_exposure_days'), ref('touched_support_days'), ref('touched_backlog_days'),
    ] -%}
    select event_on from {{ relation }}
    where _batch > {{ through }}
    union all
    {% endfor -%}
    -- A cohort of decisions counts once all its appeals are in, so its day turns so many days after the clock.
    select event_on - {{ var('appeal_window_days') }} as event_on
    from {{ ref('touched_efficiency_days') }}
    where _batch > {{ through }} and cause in ('turned', 'as_of')
    {% for step in [-1, 1] -%}
    -- A shift at its site may lie on the day before or after the one that UTC has.
    union all
    select event_on + ({{ step }}) as event_on
    from {{ ref('touched_efficiency_days') }}
    where _batch > {{ through }} and cause in ('tasks', 'former_tasks')
    {% endfor -%}
)

select distinct
    event_on,
    {{ batch() }} as _batch
from changed
where event_on is not null
