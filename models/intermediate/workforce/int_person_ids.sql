{{ config(
    materialized='incremental',
    incremental_strategy='append',
    group='people',
) }}

{%- set through = built_through() %}

{%- set people = [
    ('workforce', 'moderators', 'moderator_id'),
    ('workforce', 'activity', 'moderator_id'),
    ('workforce', 'coaching_sessions', 'moderator_id'),
    ('workforce', 'coaching_sessions', 'coach_id'),
    ('workforce', 'training_completions', 'moderator_id'),
    ('moderation', 'decisions', 'moderator_id'),
    ('moderation', 'task_claims', 'moderator_id'),
    ('moderation', 'queue_configurations', 'changed_by'),
    ('quality', 'audits', 'auditor_id'),
    ('quality', 'calibration_ratings', 'rater_id'),
    ('support', 'ticket', 'assignee_id'),
    ('actions', 'management_actions', 'owner'),
    ('experiments', 'assignments', "case when unit_type = 'moderator' then unit_id end"),
] %}

with person_ids as (
    {% for source_name, table_name, person in people -%}
    select {{ person }} as person_id
    from {{ landed_base(source_name, table_name) }}
    where _batch > {{ through }}
    {{ 'union' if not loop.last }}
    {% endfor %}
)

select
    person_id,
    {{ batch() }} as _batch
from person_ids
where
    person_id is not null
{% if is_incremental() -%}
    and person_id not in (select stored.person_id from {{ this }} as stored)
    {%- endif %}
