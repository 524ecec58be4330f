{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'day': 'decided_on'},
) }}

{%- set cell = ['decided_on', 'queue_id', 'policy_code', 'market', 'language', 'automation_level'] %}
{%- set affected = ref('affected_appeal_days') %}
{%- set counts = ['appeals', 'appeals_open', 'appeals_before_decision', 'appealed_enforcement_actions'] %}
{%- for channel in ['internal', 'out_of_court'] %}
{%- for outcome in ['upheld', 'reversed', 'partially_reversed', 'withdrawn', 'omitted'] %}
{%- do counts.append(channel ~ '_' ~ outcome) %}
{%- endfor %}
{%- endfor %}
{%- for outcome in ['upheld', 'overturned', 'withdrawn', 'omitted'] %}
{%- for counted in ['cohort_', 'creator_appeals_', 'reporter_appeals_'] %}
{%- do counts.append(counted ~ outcome) %}
{%- endfor %}
{%- endfor %}
{%- do counts.append('reversals') %}
{%- do counts.append('reversals_implemented') %}

with decisions as (
    select
        event_on as decided_on,
        queue_id,
        policy_code,
        market,
        language,
        automation_level,
        sum(decisions) as decisions,
        sum(enforcement_actions) as enforcement_actions
    from {{ ref('int_decisions_daily') }}
    where {{ in_affected_days(affected) }}
    group by event_on, queue_id, policy_code, market, language, automation_level
),

appeals as (
    select
        event_on as decided_on,
        * exclude (event_on, _batch)
    from {{ ref('int_appeals_daily') }}
    where {{ in_affected_days(affected) }}
),

resolution_buckets as (
    select
        event_on as decided_on,
        * exclude (event_on, _batch)
    from {{ ref('int_appeal_resolution_histogram') }}
    where {{ in_affected_days(affected) }}
),

resolution as (
    {{ histogram_quantiles('resolution_buckets', cell, {
        'appeal_resolution_time_p50_seconds': 0.5, 'appeal_resolution_time_p90_seconds': 0.9,
    }) }}
),

cells as (
    select {{ cell | join(', ') }} from decisions
    union
    select {{ cell | join(', ') }} from appeals
),

final as (
    select
        queue_id,
        policy_code,
        market,
        language,
        automation_level,
        cast(coalesce(decisions.decisions, 0) as bigint) as decisions,
        cast(coalesce(decisions.enforcement_actions, 0) as bigint) as enforcement_actions,
        {%- for name in counts %}
        cast(coalesce(appeals.{{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        cast(coalesce(resolution.row_count, 0) as bigint) as cohort_resolved,
        cast(coalesce(appeals.appealed_enforcement_actions, 0) as double)
        / nullif(decisions.enforcement_actions, 0) as appeal_rate,
        {%- for appellant, name in [
            ('creator', 'appeal_overturn_rate'), ('reporter', 'reporter_appeal_overturn_rate'),
        ] %}
        cast(appeals.{{ appellant }}_appeals_overturned as double)
        / nullif(appeals.{{ appellant }}_appeals_upheld + appeals.{{ appellant }}_appeals_overturned, 0) as {{ name }},
        {%- endfor %}
        {%- for channel in ['internal', 'out_of_court'] %}
        cast(appeals.{{ channel }}_reversed + appeals.{{ channel }}_partially_reversed as double) / nullif(
            appeals.{{ channel }}_upheld + appeals.{{ channel }}_reversed + appeals.{{ channel }}_partially_reversed, 0
        ) as {{ channel }}_overturn_rate,
        {%- endfor %}
        cast(appeals.reversals_implemented as double) / nullif(appeals.reversals, 0) as reinstatement_rate,
        cast(resolution.appeal_resolution_time_p50_seconds as double) as appeal_resolution_time_p50_seconds,
        cast(resolution.appeal_resolution_time_p90_seconds as double) as appeal_resolution_time_p90_seconds,
        decided_on,
        decided_on + {{ var('appeal_window_days') }} + 1 as window_ends_on,
        {{ build_id() }} as build_id,
        {{ batch() }} as _batch
    from cells
    left join decisions using ({{ cell | join(', ') }})
    left join appeals using ({{ cell | join(', ') }})
    left join resolution using ({{ cell | join(', ') }})
)

select * from final
