{{ config(materialized='incremental', incremental_strategy='append') }}

-- The first run reads less, but dbt draws its graph from that one:
-- depends_on: {{ ref('base_workforce__moderators') }}
-- depends_on: {{ ref('log_moderation__decisions') }}
-- depends_on: {{ ref('log_moderation__task_claims') }}
-- depends_on: {{ ref('log_references') }}

{%- set through = built_through() %}

with own_rows as (
    select
        event_on,
        'activity' as cause
    from {{ ref('log_workforce__activity') }}
    where _batch > {{ through }} and status <> 'quarantined'
),

{% if is_incremental() %}
moved_moderators as (
    select event_on, 'roster' as cause
    from ({{ moved_moderators(through) }}) as moved
),

changed_references as (
    {{ changed_reference_days(ref('log_workforce__activity'), through, without=['root_causes', 'time_zone_aliases']) }}
),
{% endif %}

touched as (
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
from touched
where event_on is not null
