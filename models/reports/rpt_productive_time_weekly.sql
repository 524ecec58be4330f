{{ config(materialized='table', group='people') }}

with days as (
    select
        *,
        cast(date_trunc('week', activity_on) as date) as week_starting_on
    from {{ ref('fct_moderator_days') }}
),

scoped as (
    select
        *,
        'all' as scope
    from days
    union all
    select
        *,
        vendor_id as scope
    from days
    where vendor_id <> '(unmapped)'
),

sliced as (
    select
        scope,
        case when grouping(team_id) = 0 then 'team' when grouping(site_id) = 0 then 'site' else 'all' end as slice_type,
        coalesce(team_id, site_id, 'all') as slice,
        count(distinct moderator_key) as moderators,
        sum(paid_seconds) as paid_seconds,
        sum(handling_seconds) as handling_seconds,
        sum(idle_seconds) as idle_seconds,
        sum(training_seconds + meeting_seconds) as other_productive_seconds,
        week_starting_on
    from scoped
    -- The linter cannot read grouping sets; both engines do.
    group by grouping sets (  -- noqa: PRS
        (week_starting_on, scope), (week_starting_on, scope, site_id), (week_starting_on, scope, team_id)
    )
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
