{{ config(materialized='table', group='people') }}

-- First a row per moderator, place and week: what follows counts each of them in several slices.
with weeks as (
    select
        moderator_key,
        site_id,
        vendor_id,
        team_id,
        sum(paid_seconds) as paid_seconds,
        sum(handling_seconds) as handling_seconds,
        sum(idle_seconds) as idle_seconds,
        sum(training_seconds + meeting_seconds) as other_productive_seconds,
        cast(date_trunc('week', activity_on) as date) as week_starting_on
    from {{ ref('fct_moderator_days') }}
    group by moderator_key, site_id, vendor_id, team_id, week_starting_on
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
),

sliced as (
    select
        scope,
        slice_type,
        slice,
        count(distinct moderator_key) as moderators,
        sum(paid_seconds) as paid_seconds,
        sum(handling_seconds) as handling_seconds,
        sum(idle_seconds) as idle_seconds,
        sum(other_productive_seconds) as other_productive_seconds,
        week_starting_on
    from slices
    group by scope, slice_type, slice, week_starting_on
),

judged as (
    select
        *,
        moderators >= {{ var('minimum_people') }} as is_reportable
    from sliced
)

select
    scope,
    slice_type,
    slice,
    cast(moderators as bigint) as moderators,
    {%- for name, numerator, denominator in [
        ('occupancy', 'handling_seconds', 'handling_seconds + idle_seconds'),
        ('utilisation', 'handling_seconds + idle_seconds + other_productive_seconds', 'paid_seconds'),
        ('shrinkage', 'paid_seconds - handling_seconds - idle_seconds', 'paid_seconds'),
    ] %}
    case
        when is_reportable then cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
    end as {{ name }},
    {%- endfor %}
    case when not is_reportable then 'fewer than {{ var('minimum_people') }} people' end as not_reportable_reason,
    is_reportable,
    week_starting_on,
    {{ build_id() }} as build_id
from judged
