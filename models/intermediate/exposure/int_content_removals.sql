{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'sliced_by': 'moderation.decisions', 'slice_factor': 3},
) }}

-- One row per content that is removed: its first removal that stands.
-- depends_on: {{ ref('log_moderation__decisions') }}
{%- set affected = in_affected_days(ref('affected_exposure_days')) %}
{#- Staged rows, which a unit test gives, have no keys. #}
{%- set key = '_key' if picks_first() else hash64(['decision_id']) %}

with affected_contents as (
    select distinct content_id
    from {{ ref('base_moderation__decisions') }}
    where outcome = 'remove' and content_id is not null and {{ affected }}
),

-- All removals of the contents of the days at hand, but those that come later: an earlier one may be of any day.
candidates as (
    select
        _key,
        event_on
    from {{ ref('log_removed_contents') }}
    where
        event_on <= {{ last_of_slice() }}
        and content_key in (select {{ hash64(['affected_contents.content_id']) }} from affected_contents)
),

removals as (
    select *
    from (
        {{ staged_among(
            'moderation', 'decisions',
            "outcome = 'remove' and event_on in (select candidates.event_on from candidates)"
            ~ " and " ~ key ~ " in (select candidates._key from candidates)",
            also_exclude=ref('impossible_moderation__decisions')
        ) }}
    ) as removed
    where reversed_at is null
),

-- Whoever won against a removal and got the content back.
won as (
    select distinct decision_id
    from (
        {{ staged_among('appeals', 'appeals', 'decision_id in (select removals.decision_id from removals)') }}
    ) as appealed
    where outcome in ('reversed', 'partially_reversed') and implemented_at is not null
),

standing as (
    select removals.*
    from removals
    anti join won on removals.decision_id = won.decision_id
),

decisions as (
    {{ decisions_in_context('standing') }}
),

reports as (
    select
        content_id,
        min(reported_at) as first_reported_at
    from (
        {{ staged_among(
            'moderation', 'user_reports', 'content_id in (select removals.content_id from removals)'
        ) }}
    ) as reported
    group by content_id
),

ordered as (
    select
        *,
        row_number() over (partition by content_id order by decided_at, decision_id) as place
    from decisions
    -- A decision on a gold item, or a review for an audit or an appeal, removes nothing.
    where not is_gold and origin not in ('audit', 'appeal')
),

final as (
    select
        ordered.content_id,
        ordered.decision_id,
        ordered.policy_code,
        ordered.market,
        ordered.content_type,
        ordered.origin,
        ordered.automation_level,
        ordered.views_at_action,
        ordered.origin not in ('user_report', 'trusted_flagger')
        and coalesce(reports.first_reported_at > ordered.decided_at, true) as is_proactive,
        ordered.views_at_action = 0 as is_before_any_view,
        coalesce(ordered.enforced_at, ordered.decided_at)
        <= {{ plus_seconds('ordered.content_created_at', 86400) }} as is_within_a_day,
        ordered.content_created_at,
        reports.first_reported_at,
        coalesce(ordered.enforced_at, ordered.decided_at) as removed_at,
        ordered.event_on,
        {{ batch() }} as _batch
    from ordered
    left join reports on ordered.content_id = reports.content_id
    where ordered.place = 1
)

select * from final
where {{ affected }}
