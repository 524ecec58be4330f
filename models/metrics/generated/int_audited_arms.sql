{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['quality'], 'grain': 'period'},
) }}
{%- set affected = affected_periods(ref('affected_metric_days'), ['quality']) %}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
-- What audits first found of decisions with an enforcement action and of those without, by the policy group of what was suspected, of
-- slices in which audits of either arm say as much as so many of equal weight as may be published: of a handful, none
-- found means little. Before disputes, since what auditors miss is known of their own answers only; by what was
-- suspected, since a decision without an enforcement action is of no other policy.
with audits_cells as (
    select
        coalesce(audits.queue_id, '(none)') as queue,
        coalesce(audits.suspected_policy_code, '(none)') as suspected_policy,
        coalesce(audits.market, '(none)') as market,
        coalesce(audits.language, '(none)') as language,
        coalesce(audits.site_id, '(none)') as site,
        coalesce(audits.vendor_id, '(none)') as vendor,
        coalesce(policies.policy_group, '(none)') as policy_group,
        audits.initial_true_positives + audits.initial_false_positives as actioned_audits,
        cast(audits.initial_true_positive_weight + audits.initial_false_positive_weight as decimal(18, 6)) as actioned_weight,
        cast(audits.initial_true_positive_weight + audits.initial_false_positive_weight as decimal(18, 6))
        * cast(audits.initial_true_positive_weight + audits.initial_false_positive_weight as decimal(18, 6)) as actioned_squares,
        audits.initial_true_positive_weight as actioned_violative,
        audits.initial_false_negatives + audits.initial_true_negatives as approvals_audits,
        cast(audits.initial_false_negative_weight + audits.initial_true_negative_weight as decimal(18, 6)) as approvals_weight,
        cast(audits.initial_false_negative_weight + audits.initial_true_negative_weight as decimal(18, 6))
        * cast(audits.initial_false_negative_weight + audits.initial_true_negative_weight as decimal(18, 6)) as approvals_squares,
        audits.initial_false_negative_weight as approvals_violative,
        greatest(
            {{ period_start("'week'", 'audits.event_on') }}, {{ period_start("'month'", 'audits.event_on') }}
        ) as piece_on
    from {{ ref('int_drawn_verdicts') }} as audits
    left join {{ ref('int_policy_versions') }} as policies
        on
            audits.suspected_policy_code = policies.policy_code
            and audits.event_on between policies.valid_from and policies.valid_to
    where {{ in_days_of_periods(affected, 'event_on') }}
),

audits_split as (
    select
        policy_group,
        piece_on,
        market,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(suspected_policy) = 0 then 'suspected_policy'
            when grouping(language) = 0 then 'language'
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue, suspected_policy, language, site, 'all') as slice,
        sum(actioned_audits) as actioned_audits,
        sum(actioned_weight) as actioned_weight,
        sum(actioned_squares) as actioned_squares,
        sum(actioned_violative) as actioned_violative,
        sum(approvals_audits) as approvals_audits,
        sum(approvals_weight) as approvals_weight,
        sum(approvals_squares) as approvals_squares,
        sum(approvals_violative) as approvals_violative
    from audits_cells
    group by {{ each_slice(['policy_group', 'piece_on', 'market', 'vendor'], ['queue', 'suspected_policy', 'language', 'site']) }}  -- noqa: PRS
),

audits_placed as (
    select * from audits_split
    union all
    select * replace ('market' as slice_type, market as slice) from audits_split
    where slice_type = 'all'
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from audits_split
    where slice_type = 'all'
),

audits_scoped as (
    select
        * exclude (market, vendor),
        'all' as scope_type,
        'all' as scope
    from audits_placed
    union all
    select
        * exclude (market, vendor),
        'market' as scope_type,
        market as scope
    from audits_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
    union all
    select
        * exclude (market, vendor),
        'vendor' as scope_type,
        vendor as scope
    from audits_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

dated as (
    select
        scoped.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'scoped.piece_on') }} as period_start
    from audits_scoped as scoped
    cross join ({{ grains(period_grains()) }}) as grains
),

summed as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        period_start,
        policy_group,
        sum(actioned_audits) as actioned_audits,
        sum(actioned_weight) as actioned_weight,
        sum(actioned_squares) as actioned_squares,
        sum(actioned_violative) as actioned_violative,
        sum(approvals_audits) as approvals_audits,
        sum(approvals_weight) as approvals_weight,
        sum(approvals_squares) as approvals_squares,
        sum(approvals_violative) as approvals_violative
    from dated
    where {{ in_periods(affected) }}
    group by grain, scope_type, scope, slice_type, slice, period_start, policy_group
),

weighed as (
    select
        *,
        sum(actioned_weight) over slices_ as actioned_weight_of_slice,
        sum(actioned_squares) over slices_ as actioned_squares_of_slice,
        sum(approvals_weight) over slices_ as approvals_weight_of_slice,
        sum(approvals_squares) over slices_ as approvals_squares_of_slice
    from summed
    window slices_ as (partition by grain, scope_type, scope, slice_type, slice, period_start)
),

united as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        policy_group,
        true as is_positive,
        cast(actioned_audits as bigint) as audits,
        cast(actioned_weight as decimal(28, 6)) as weight,
        cast(actioned_violative as decimal(28, 6)) as violative_weight,
        period_start
    from weighed
    where
        actioned_weight > 0
        and actioned_weight_of_slice > 0
        and pow(actioned_weight_of_slice, 2) >= {{ var('minimum_audits') }} * actioned_squares_of_slice
        and approvals_weight_of_slice > 0
        and pow(approvals_weight_of_slice, 2) >= {{ var('minimum_audits') }} * approvals_squares_of_slice
    union all
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        policy_group,
        false as is_positive,
        cast(approvals_audits as bigint) as audits,
        cast(approvals_weight as decimal(28, 6)) as weight,
        cast(approvals_violative as decimal(28, 6)) as violative_weight,
        period_start
    from weighed
    where
        approvals_weight > 0
        and actioned_weight_of_slice > 0
        and pow(actioned_weight_of_slice, 2) >= {{ var('minimum_audits') }} * actioned_squares_of_slice
        and approvals_weight_of_slice > 0
        and pow(approvals_weight_of_slice, 2) >= {{ var('minimum_audits') }} * approvals_squares_of_slice
)

select
    *,
    {{ batch() }} as _batch
from united
