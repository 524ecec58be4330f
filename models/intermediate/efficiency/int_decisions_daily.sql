{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'sliced_by': 'moderation.decisions'},
) }}

-- depends_on: {{ ref('log_moderation__decisions') }}

with decisions as (
    select
        *,
        cast(decided_at as date) as utc_on
    from {{ ref('int_keyed_decisions') }}
    where {{ in_affected_days(ref('affected_decision_days')) }}
),

-- No zone is a whole day from UTC, so that an instant is at its site on the day of UTC or on the one beside it.
shifted as (
    select
        decisions.*,
        case
            when decisions.decided_at < site_days.begins_at then decisions.utc_on - 1
            when decisions.decided_at >= site_days.ends_at then decisions.utc_on + 1
            else decisions.utc_on
        end as shift_on
    from decisions
    left join {{ ref('int_site_days') }} as site_days
        on decisions.site_id = site_days.site_id and decisions.utc_on = site_days.shift_on
)

select
    queue_id,
    policy_code,
    suspected_policy_code,
    market,
    language,
    content_type,
    site_id,
    vendor_id,
    automation_level,
    count(*) as decisions,
    count(*) filter (where is_production) as production_decisions,
    count(*) filter (where is_enforcement_action) as enforcement_actions,
    count(*) filter (where is_enforcement_action and is_automated) as automated_enforcement_actions,
    count(*) filter (where is_production and outcome = 'skip') as skips,
    count(*) filter (where is_production and outcome = 'escalate') as escalations,
    -- A skip is no decision handled, but the time it took was spent.
    count(*) filter (where is_production and handle_seconds is not null and outcome <> 'skip') as handled_decisions,
    count(*) filter (where is_production and is_handle_time_capped) as capped_decisions,
    cast(coalesce(sum(case when is_production then handle_seconds end), 0) as decimal(28, 3)) as handle_seconds,
    -- Of gold, audits and appeals.
    cast(
        coalesce(
            sum(case when not is_production and automation_level in ('none', 'partial') then handle_seconds end), 0
        ) as decimal(28, 3)
    ) as other_handle_seconds,
    cast(
        coalesce(sum(case when is_production and content_duration_seconds is not null then handle_seconds end), 0)
        as decimal(28, 3)
    ) as timed_content_handle_seconds,
    cast(
        coalesce(sum(case when is_production and handle_seconds is not null then content_duration_seconds end), 0)
        as decimal(28, 3)
    ) as content_seconds,
    -- Of those that are handled, so that their mean has a variance.
    cast(
        coalesce(sum(case when is_production and outcome <> 'skip' then handle_seconds * handle_seconds end), 0)
        as decimal(38, 6)
    ) as squared_handle_seconds,
    {{ union_of_people(person_bit('moderator_key')) }} filter (
        where is_production and handle_seconds is not null and outcome <> 'skip'
    ) as people_bits,
    count(*) filter (where has_unmapped_policy) as unmapped_policies,
    count(*) filter (where has_unmapped_queue) as unmapped_queues,
    count(*) filter (where has_unmapped_market) as unmapped_markets,
    count(*) filter (where has_unmapped_language) as unmapped_languages,
    count(*) filter (where has_unmapped_moderator) as unmapped_moderators,
    event_on,
    shift_on,
    {{ batch() }} as _batch
from shifted
group by
    queue_id, policy_code, suspected_policy_code, market, language, content_type, site_id, vendor_id, automation_level,
    event_on, shift_on
