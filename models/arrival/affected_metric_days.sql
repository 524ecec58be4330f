{{ config(materialized='incremental', incremental_strategy='append') }}

-- By the area that semantic models name: the roll-ups beneath change by different days.
{%- set through = built_through() %}
{%- set efficiency = ref('affected_efficiency_days') %}

with affected as (
    {% for area, relation, causes in [
        ('efficiency', efficiency, ['decisions', 'tasks', 'former_tasks', 'turned', 'as_of']),
        ('efficiency', ref('affected_backlog_days'), none),
        ('workforce', efficiency, ['activity']),
        ('quality', ref('affected_verdict_days'), none),
        ('appeals', ref('affected_appeal_days'), none),
        ('appeals', efficiency, ['decisions']),
        ('exposure', ref('affected_exposure_days'), none),
        ('support', ref('affected_support_days'), none),
    ] -%}
    select
        '{{ area }}' as area,
        event_on
    from {{ relation }}
    where _batch > {{ through }} {%- if causes %} and cause in ({{ literals(causes) }}){% endif %}
    union all
    {% endfor -%}
    -- A cohort of decisions counts once all its appeals are in, so its day turns so many days after the clock.
    select
        'appeals',
        event_on - {{ var('appeal_window_days') }} - 1
    from {{ efficiency }}
    where _batch > {{ through }} and cause in ('turned', 'as_of')
    {% for step in [-1, 0, 1] -%}
    -- A shift at its site may lie on the day before or after the one that UTC has.
    union all
    select
        'workforce',
        event_on + ({{ step }})
    from {{ efficiency }}
    where _batch > {{ through }} and cause = 'decisions'
    {% endfor -%}
)

select distinct
    area,
    event_on,
    {{ batch() }} as _batch
from affected
where event_on is not null
