{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['appeals'], 'day': 'reporting_on'},
) }}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with
-- Enforcement actions, what was left up, and the appeals against both by day of decision, once the window of appeals is
-- over.
appeal_cohorts_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(policy_code, '(none)') as decided_policy,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        coalesce(case when automation_level = 'full' then 'automation' when automation_level in ('none', 'partial') then 'people' else '(unmapped)' end, '(none)') as automation,
        sum(enforcement_actions) as appealable_enforcement_actions,
        sum(appealed_enforcement_actions) as appealed_enforcement_actions,
        sum(creator_appeals_overturned) as overturned_appeals,
        sum(creator_appeals_upheld + creator_appeals_overturned) as decided_appeals,
        sum(reporter_appeals_overturned) as overturned_reporter_appeals,
        sum(reporter_appeals_upheld + reporter_appeals_overturned) as decided_reporter_appeals,
        sum(reversals) as reversals,
        sum(reversals_implemented) as reversals_implemented,
        sum(case when automation_level = 'full' then cohort_enforcement_actions_upheld else cohort_enforcement_actions_overturned end) as automation_confirmed,
        sum(case when automation_level = 'full' then cohort_enforcement_actions_upheld else 0 end) as automation_upheld,
        sum(case when automation_level = 'full' then cohort_enforcement_actions_upheld + cohort_enforcement_actions_overturned else 0 end) as automation_appealed,
        sum(cohort_enforcement_actions_upheld) as enforcement_actions_upheld,
        sum(cohort_enforcement_actions_upheld + cohort_enforcement_actions_overturned) as enforcement_actions_judged_by_appeal,
        event_on as reporting_on
    from {{ ref('int_appeal_cohorts_daily') }}
    where
        event_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['appeals'], 'event_on') }}
    group by all
),

appeal_cohorts_split as (
    select
        reporting_on,
        market,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(decided_policy) = 0 then 'decided_policy'
            when grouping(language) = 0 then 'language'
            when grouping(automation) = 0 then 'automation'
            else 'all'
        end as slice_type,
        coalesce(queue, decided_policy, language, automation, 'all') as slice,
        sum(appealable_enforcement_actions) as appealable_enforcement_actions,
        sum(appealed_enforcement_actions) as appealed_enforcement_actions,
        sum(overturned_appeals) as overturned_appeals,
        sum(decided_appeals) as decided_appeals,
        sum(overturned_reporter_appeals) as overturned_reporter_appeals,
        sum(decided_reporter_appeals) as decided_reporter_appeals,
        sum(reversals) as reversals,
        sum(reversals_implemented) as reversals_implemented,
        sum(automation_confirmed) as automation_confirmed,
        sum(automation_upheld) as automation_upheld,
        sum(automation_appealed) as automation_appealed,
        sum(enforcement_actions_upheld) as enforcement_actions_upheld,
        sum(enforcement_actions_judged_by_appeal) as enforcement_actions_judged_by_appeal
    from appeal_cohorts_cells
    group by {{ each_slice(['reporting_on', 'market'], ['queue', 'decided_policy', 'language', 'automation']) }}  -- noqa: PRS
),

appeal_cohorts_placed as (
    select * from appeal_cohorts_split
    union all
    select * replace ('market' as slice_type, market as slice) from appeal_cohorts_split
    where slice_type = 'all'
),

appeal_cohorts_scoped as (
    select
        * exclude (market),
        'all' as scope_type,
        'all' as scope
    from appeal_cohorts_placed
    union all
    select
        * exclude (market),
        'market' as scope_type,
        market as scope
    from appeal_cohorts_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

united as (
    select * from appeal_cohorts_scoped
)

select
    scope_type,
    scope,
    slice_type,
    slice,
    cast(sum(appealable_enforcement_actions) as decimal(38, 12)) as appealable_enforcement_actions,
    cast(sum(appealed_enforcement_actions) as decimal(38, 12)) as appealed_enforcement_actions,
    cast(sum(overturned_appeals) as decimal(38, 12)) as overturned_appeals,
    cast(sum(decided_appeals) as decimal(38, 12)) as decided_appeals,
    cast(sum(overturned_reporter_appeals) as decimal(38, 12)) as overturned_reporter_appeals,
    cast(sum(decided_reporter_appeals) as decimal(38, 12)) as decided_reporter_appeals,
    cast(sum(reversals) as decimal(38, 12)) as reversals,
    cast(sum(reversals_implemented) as decimal(38, 12)) as reversals_implemented,
    cast(sum(automation_confirmed) as decimal(38, 12)) as automation_confirmed,
    cast(sum(automation_upheld) as decimal(38, 12)) as automation_upheld,
    cast(sum(automation_appealed) as decimal(38, 12)) as automation_appealed,
    cast(sum(enforcement_actions_upheld) as decimal(38, 12)) as enforcement_actions_upheld,
    cast(sum(enforcement_actions_judged_by_appeal) as decimal(38, 12)) as enforcement_actions_judged_by_appeal,
    {{ batch() }} as _batch,
    reporting_on
from united
group by all
