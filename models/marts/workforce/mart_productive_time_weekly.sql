{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    on_schema_change='fail',
    group='people',
    access='private',
    meta={'day': 'week_starting_on', 'grain': 'week'},
) }}

-- First a row per moderator, place and week: what follows counts each of them in several slices.
with weeks as (
    select
        coalesce(moderator_key, '(unmapped)') as moderator_key,
        site_id,
        vendor_id,
        team_id,
        sum(paid_seconds) as paid_seconds,
        sum(handling_seconds) as handling_seconds,
        sum(idle_seconds) as idle_seconds,
        sum(training_seconds + meeting_seconds) as other_productive_seconds,
        cast(date_trunc('week', activity_on) as date) as week_starting_on
    from {{ ref('int_activity') }}
    where {{ in_touched_days(ref('touched_activity_days')) }}
    group by all
),

scoped as (
    select
        *,
        'all' as scope
    from weeks
    union all
    select
        *,
        vendor_id as scope
    from weeks
    where vendor_id <> '(unmapped)'
),

-- Each row once in every slice that it belongs to.
slices as (
    {% for slice_type, slice in [('all', "'all'"), ('site', 'site_id'), ('team', 'team_id')] -%}
    select
        *,
        '{{ slice_type }}' as slice_type,
        {{ slice }} as slice
    from scoped
    {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select
    scope,
    slice_type,
    slice,
    cast(count(distinct moderator_key) as bigint) as moderators,
    {%- for name in ['paid', 'handling', 'idle', 'other_productive'] %}
    cast(sum({{ name }}_seconds) as decimal(28, 3)) as {{ name }}_seconds,
    {%- endfor %}
    week_starting_on,
    {{ build_id() }} as build_id,
    {{ batch() }} as _batch
from slices
group by scope, slice_type, slice, week_starting_on
