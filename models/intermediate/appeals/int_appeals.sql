{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

-- One row per appeal with what it is about. It stands under the day of the decision; under its own while that has not
-- landed.
{%- set affected = in_affected_days(ref('affected_appeal_days')) %}
{%- set among = 'appeal_id in (select affected_appeals.appeal_id from affected_appeals)' %}
-- depends_on: {{ ref('base_moderation__decisions') }}

with
{% if is_incremental() %}
candidates as (
    select appeal_id
    from {{ landed_base('appeals', 'appeals') }}
    where {{ affected }}
    union
    select appeals.appeal_id
    from {{ landed_base('appeals', 'appeals') }} as appeals
    semi join (
        select decision_id from {{ ref('base_moderation__decisions') }}
        where {{ affected }}
    ) as decisions on appeals.decision_id = decisions.decision_id
),

-- Whatever changed of an appeal or its decision touches the days of both, so what stands under another day stays there,
-- and no other decision need be looked for than those of affected days.
affected_appeals as (
    select candidates.appeal_id
    from candidates
    anti join (
        select appeal_id from {{ this }}
        where not ({{ affected }})
    ) as elsewhere on candidates.appeal_id = elsewhere.appeal_id
),
{% endif %}

appeals as (
    {{ staged_among('appeals', 'appeals', among if is_incremental() else 'true') }}
),

appealed as (
    {{ staged_among(
        'moderation', 'decisions', 'decision_id in (select appeals.decision_id from appeals) and ' ~ affected,
        also_exclude=ref('impossible_moderation__decisions')
    ) }}
),

in_context as (
    {{ decisions_in_context('appealed') }}
),

decisions as (
    select
        *,
        outcome = 'no_violation' and {{ acts_on_content() }} as is_left_up
    from in_context
),

placed as (
    select
        appeals.appeal_id,
        appeals.decision_id,
        appeals.appellant_type,
        appeals.channel,
        coalesce(decisions.queue_id, '(unmapped)') as queue_id,
        coalesce(decisions.policy_code, '(unmapped)') as policy_code,
        coalesce(decisions.market, '(unmapped)') as market,
        coalesce(decisions.language, '(unmapped)') as language,
        coalesce(decisions.site_id, '(unmapped)') as site_id,
        coalesce(decisions.vendor_id, '(unmapped)') as vendor_id,
        coalesce(decisions.automation_level, '(unmapped)') as automation_level,
        decisions.outcome as decided_outcome,
        appeals.outcome,
        cast({{ seconds_between('appeals.appealed_at', 'appeals.resolved_at') }} as decimal(18, 3))
            as resolution_seconds,
        decisions.decision_id is not null as is_known,
        coalesce(decisions.is_enforcement_action, false) as is_enforcement_action,
        coalesce(decisions.is_left_up, false) as is_left_up,
        coalesce(appeals.appealed_at < decisions.decided_at, false) as is_before_decision,
        coalesce(
            appeals.appealed_at >= decisions.decided_at
            and appeals.appealed_at < {{ plus_seconds('decisions.decided_at', var('appeal_window_days') * 86400) }},
            false
        ) as is_within_window,
        decisions.decided_at,
        appeals.appealed_at,
        appeals.resolved_at,
        appeals.implemented_at,
        coalesce(decisions.event_on, appeals.event_on) as event_on,
        appeals.event_on as appealed_on,
        {{ batch() }} as _batch
    from appeals
    left join decisions on appeals.decision_id = decisions.decision_id
),

final as (
    select
        *,
        channel = 'internal' and is_within_window and row_number() over (
            partition by decision_id, channel, is_within_window order by appealed_at, appeal_id
        ) = 1 as is_in_cohort,
        channel = 'internal' and is_within_window and row_number() over (
            partition by decision_id, channel, is_within_window, appellant_type order by appealed_at, appeal_id
        ) = 1 as is_first_of_appellant
    from placed
)

select * from final
where {{ affected }}
