{{ config(materialized='incremental', incremental_strategy='append') }}

-- The first run reads less, but dbt draws its graph from that one:
-- depends_on: {{ ref('base_moderation__tasks') }}
-- depends_on: {{ landed_log('appeals', 'appeals') }}
-- depends_on: {{ ref('log_references') }}

{%- set through = built_through() %}

with decision_days as (
    select
        event_on,
        cause
    from {{ ref('affected_decision_days') }}
    where _batch > {{ through }}
),

-- An appeal belongs to the day of the decision, whenever it came; to its own day while the decision is not known.
changed_appeals as (
    select
        decision_id,
        event_on
    from {{ landed_base('appeals', 'appeals') }}
    where
        appeal_id in (
            select arrived.appeal_id from {{ landed_base('appeals', 'appeals') }} as arrived
            where arrived._batch > {{ through }}
        )
    {%- if is_incremental() %}
    union all
    select
        appeals.decision_id,
        appeals.event_on
    from {{ landed_base('appeals', 'appeals') }} as appeals
    semi join (
        select decision_id from {{ ref('base_moderation__decisions') }}
        where _batch > {{ through }}
        union all
        -- A task that arrives makes a decision impossible, or possible again.
        select made.decision_id from {{ ref('base_moderation__decisions') }} as made
        semi join (
            select task_id from {{ ref('base_moderation__tasks') }}
            where _batch > {{ through }}
        ) as tasks on made.task_id = tasks.task_id
    ) as decisions on appeals.decision_id = decisions.decision_id
    {%- endif %}
),

affected as (
    select * from decision_days
    union all
    select
        event_on,
        'appeals' as cause
    from changed_appeals
    union all
    select
        event_on,
        'appeals'
    from {{ ref('base_moderation__decisions') }}
    where decision_id in (select changed_appeals.decision_id from changed_appeals)
    {%- if is_incremental() %}
    union all
    {{ changed_reference_days(landed_log('appeals', 'appeals'), through) }}
    {%- endif %}
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from affected
where event_on is not null
