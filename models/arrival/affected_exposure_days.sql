{{ config(materialized='incremental', incremental_strategy='append') }}

-- The first run reads less, but dbt draws its graph from that one:
-- depends_on: {{ ref('base_moderation__decisions') }}
-- depends_on: {{ ref('base_moderation__tasks') }}
-- depends_on: {{ landed_base('moderation', 'user_reports') }}
-- depends_on: {{ landed_base('appeals', 'appeals') }}
-- depends_on: {{ ref('log_moderation__decisions') }}
-- depends_on: {{ landed_log('moderation', 'user_reports') }}
-- depends_on: {{ ref('log_removed_contents') }}
-- depends_on: {{ ref('log_references') }}

{%- set through = built_through() %}
{%- set arrived = is_incremental() and any_arrived([
    ref('base_moderation__decisions'), landed_base('moderation', 'user_reports'), ref('base_moderation__tasks'),
    landed_base('appeals', 'appeals'),
], through) %}

-- A content is counted under its first removal that stands. What arrives of a content touches all days on which it was
-- removed.
with
{% if arrived %}
changed_contents as (
    select content_id
    from {{ ref('base_moderation__decisions') }}
    where _batch > {{ through }} and outcome = 'remove'
    union
    select content_id
    from {{ landed_base('moderation', 'user_reports') }}
    where _batch > {{ through }}
    union
    -- What a correction no longer removes or reports counts for another of its removals, or for none.
    select content_id
    from {{ ref('log_moderation__decisions') }}
    where _batch > {{ through }}
    union
    select content_id
    from {{ landed_log('moderation', 'user_reports') }}
    where _batch > {{ through }}
    union
    select decisions.content_id
    from {{ ref('base_moderation__decisions') }} as decisions
    semi join (
        select task_id from {{ ref('base_moderation__tasks') }}
        where _batch > {{ through }}
    ) as tasks on decisions.task_id = tasks.task_id
    where decisions.outcome = 'remove'
    union
    -- What an appeal says now, or said of another decision before, makes a removal stand or not.
    select decisions.content_id
    from {{ ref('base_moderation__decisions') }} as decisions
    semi join (
        select decision_id from {{ landed_base('appeals', 'appeals') }}
        where
            appeal_id in (
                select arrived.appeal_id from {{ landed_base('appeals', 'appeals') }} as arrived
                where arrived._batch > {{ through }}
            )
    ) as appeals on decisions.decision_id = appeals.decision_id
    where decisions.outcome = 'remove'
),
{% endif %}

affected as (
    select
        event_on,
        cause
    from {{ ref('affected_decision_days') }}
    where _batch > {{ through }}
    {%- if arrived %}
    union all
    select
        event_on,
        'contents' as cause
    from {{ ref('log_removed_contents') }}
    where content_key in (select {{ hash64(['changed_contents.content_id']) }} from changed_contents)
    {%- endif %}
    union all
    select
        event_on,
        'view_samples'
    from {{ landed_log('exposure', 'view_samples') }}
    where _batch > {{ through }} and status <> 'quarantined'
    {%- if is_incremental() %}
    union all
    {{ changed_reference_days(landed_log('exposure', 'view_samples'), through) }}
    {%- endif %}
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from affected
where event_on is not null
