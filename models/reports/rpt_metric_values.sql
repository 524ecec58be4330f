{{ config(group='people') }}

-- The published figures, against the period before and against their targets.
{%- set cell = ['metric_id', 'grain', 'scope_type', 'scope', 'slice_type', 'slice'] %}
{%- set in_order = 'partition by ' ~ cell | join(', ') ~ ' order by period_start' %}

-- What is known of all needs no interval: it is its own. What is sampled and has none could be anything.
with bounded as (
    select
        publishable.*,
        metrics.direction,
        metrics.version as metric_version,
        case when metrics.interval_method = 'none' then publishable.metric_value end as known_value
    from {{ ref('int_publishable_values') }} as publishable
    inner join {{ ref('dim_metric') }} as metrics on publishable.metric_id = metrics.metric_id
),

before as (
    select
        *,
        lag(period_start) over ({{ in_order }}) as start_before,
        lag(metric_value) over ({{ in_order }}) as value_before,
        lag(is_complete) over ({{ in_order }}) as is_complete_before
    from bounded
),

-- The period before, where it has a value; none when it was left out. Between a whole and a part lies no change.
compared as (
    select
        *,
        {%- set follows = 'start_before = ' ~ later_period('grain', 'period_start', -1) %}
        case when {{ follows }} then value_before end as previous_value,
        case
            when {{ follows }} and is_complete and is_complete_before then metric_value - value_before
        end as change
    from before
),

-- A target for the slice goes before one for all.
targeted as (
    select
        compared.*,
        coalesce(own.target, general.target) as target
    from compared
    left join {{ ref('dim_metric_target') }} as own
        on
            compared.metric_id = own.metric_id
            -- The whole of a scope is what its slice is in the scope of all.
            and own.slice_type
            = case when compared.slice_type = 'all' then compared.scope_type else compared.slice_type end
            and own.slice = case when compared.slice_type = 'all' then compared.scope else compared.slice end
            and compared.period_start between own.valid_from and own.valid_to
    left join {{ ref('dim_metric_target') }} as general
        on
            compared.metric_id = general.metric_id
            and general.slice_type = 'all'
            and compared.period_start between general.valid_from and general.valid_to
),

final as (
    select
        metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        metric_version,
        n,
        metric_value,
        previous_value,
        change,
        case when metric_value is not null then lower end as lower,
        case when metric_value is not null then upper end as upper,
        target,
        -- A period that is not complete has neither met nor missed its target yet; what is sampled does so by its whole
        -- interval, or not at all.
        case
            when target is null or metric_value is null or direction = 'none' then null
            when not coalesce(is_complete, false) then 'provisional'
            when direction = 'up' and coalesce(lower, known_value) >= target then 'met'
            when direction = 'up' and coalesce(upper, known_value) < target then 'missed'
            when direction = 'down' and coalesce(upper, known_value) <= target then 'met'
            when direction = 'down' and coalesce(lower, known_value) > target then 'missed'
            else 'inconclusive'
        end as target_status,
        not_reportable_reason,
        not_reportable_reason is null as is_reportable,
        is_provisional,
        is_complete,
        period_start
    from targeted
)

select
    *,
    {{ build_id() }} as build_id
from final
