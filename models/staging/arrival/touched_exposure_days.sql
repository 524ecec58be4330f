{{ config(materialized='incremental', incremental_strategy='append') }}

{%- set through = built_through() %}

-- A content is counted under its first removal that stands. What arrives of a content touches all days on which it was
-- removed.
with changed_contents as (
    select content_id from {{ ref('base_moderation__decisions') }}
    where _batch > {{ through }} and outcome = 'remove'
    union
    select content_id from {{ ref('base_moderation__user_reports') }}
    where _batch > {{ through }}
    union
    select content_id from {{ ref('base_moderation__decisions') }}
    where task_id in (select tasks.task_id from {{ ref('base_moderation__tasks') }} as tasks where tasks._batch > {{ through }})
        and outcome = 'remove'
),

touched as (
    select
        event_on,
        cause
    from {{ ref('touched_decision_days') }}
    where _batch > {{ through }}
    {%- if is_incremental() %}
    union all
    select
        event_on,
        'contents' as cause
    from {{ ref('base_moderation__decisions') }}
    where outcome = 'remove' and content_id in (select changed_contents.content_id from changed_contents)
    {%- endif %}
    union all
    select
        event_on,
        'view_samples'
    from {{ ref('log_exposure__view_samples') }}
    where _batch > {{ through }} and status <> 'quarantined'
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from touched
where event_on is not null
