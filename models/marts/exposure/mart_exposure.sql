{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'day': 'reporting_on'},
) }}

{%- set cell = ['reporting_on', 'policy_code', 'market'] %}

with removals as (
    select
        event_on as reporting_on,
        * exclude (event_on)
    from {{ ref('int_content_removals_daily') }}
    where {{ in_affected_days(ref('affected_exposure_days')) }}
),

-- A view stands in one row: that of the policy it violates, or (none). So rows of one market and day sum to its views.
views as (
    select
        event_on as reporting_on,
        policy_code,
        market,
        sum(sampled_views) as sampled_views,
        sum(violative_sampled_views) as violative_sampled_views,
        sum(view_weight) as view_weight,
        sum(violative_view_weight) as violative_view_weight
    from {{ ref('int_view_samples_daily') }}
    where {{ in_affected_days(ref('affected_exposure_days')) }}
    group by event_on, policy_code, market
),

cells as (
    select {{ cell | join(', ') }} from removals
    union
    select {{ cell | join(', ') }} from views
)

select
    policy_code,
    market,
    {%- for name in [
        'contents_removed', 'proactive_removals', 'removals_with_known_views', 'removals_before_any_view',
        'removals_with_known_age', 'removals_within_24h', 'sampled_views', 'violative_sampled_views',
    ] %}
    cast(coalesce({{ name }}, 0) as bigint) as {{ name }},
    {%- endfor %}
    cast(coalesce(view_weight, 0) as decimal(28, 6)) as view_weight,
    cast(coalesce(violative_view_weight, 0) as decimal(28, 6)) as violative_view_weight,
    cast(proactive_removals as double) / nullif(contents_removed, 0) as proactive_removal_rate,
    cast(removals_before_any_view as double) / nullif(removals_with_known_views, 0) as removal_before_any_view_rate,
    cast(removals_within_24h as double) / nullif(removals_with_known_age, 0) as removal_within_24h_rate,
    reporting_on,
    {{ build_id() }} as build_id,
    {{ batch() }} as _batch
from cells
left join removals using ({{ cell | join(', ') }})
left join views using ({{ cell | join(', ') }})
