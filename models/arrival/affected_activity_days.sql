{{ config(materialized='incremental', incremental_strategy='append') }}

-- The first run reads less, but dbt draws its graph from that one:
-- depends_on: {{ landed_base('workforce', 'moderators') }}
-- depends_on: {{ ref('log_moderation__decisions') }}
-- depends_on: {{ landed_log('moderation', 'task_claims') }}
-- depends_on: {{ ref('log_references') }}

{%- set through = built_through() %}

with own_rows as (
    select
        event_on,
        'activity' as cause
    from {{ landed_log('workforce', 'activity') }}
    where _batch > {{ through }} and status <> 'quarantined'
),

{% if is_incremental() %}
moved_moderators as (
    select event_on, 'roster' as cause
    from ({{ moved_moderators(through) }}) as moved
),

changed_references as (
    {{ changed_reference_days(landed_log('workforce', 'activity'), through, without=['root_causes', 'time_zone_aliases']) }}
),
{% endif %}

affected as (
    select * from own_rows
    {% if is_incremental() %}
    union all
    select * from moved_moderators
    union all
    select * from changed_references
    {% endif %}
)

select distinct
    cause,
    event_on,
    {{ batch() }} as _batch
from affected
where event_on is not null
