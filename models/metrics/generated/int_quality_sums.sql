{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={
        'areas': ['quality'],
        'grain': 'period',
        'sliced_by': 'quality.audits',
        'slice_factor': 0.1,
        'slice_grain': 'quarter',
    },
) }}
{%- set affected = affected_periods(ref('affected_metric_days'), ['quality']) %}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
-- depends_on: {{ landed_log('quality', 'audits') }}

-- What intervals need of the metrics that are estimated from audits: weighted sums of numerator and denominator, and how
-- their sums by moderator vary together. A moderator's own sums leave no trace: only squares and products are kept. A
-- metric rests on the audits with a weight in its denominator: precision on those of enforcement actions, recall on those that find
-- a violation. Weights are summed as whole millionths, which a double holds exactly up to nine billion decisions of one
-- moderator: half as large as a sum of decimals, and the same in any order.
with audits as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(suspected_policy_code, '(none)') as suspected_policy,
        coalesce(decided_policy_code, '(none)') as decided_policy,
        coalesce(true_policy_code, '(none)') as true_policy,
        coalesce(market, '(none)') as market,
        coalesce(language, '(none)') as language,
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        final_false_negatives,
        final_true_negatives,
        cast(final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight > 0 as bigint) as judged_weight_basis_audits,
        case when final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight > 0 then provisional_audits else 0 end as judged_weight_basis_provisional,
        cast(final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight as decimal(28, 6)) * cast(final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight as decimal(18, 6)) as judged_weight_basis_squares,
        cast(initial_true_positive_weight + initial_false_positive_weight + initial_false_negative_weight + initial_true_negative_weight > 0 as bigint) as initially_judged_weight_basis_audits,
        case when initial_true_positive_weight + initial_false_positive_weight + initial_false_negative_weight + initial_true_negative_weight > 0 then provisional_audits else 0 end as initially_judged_weight_basis_provisional,
        cast(initial_true_positive_weight + initial_false_positive_weight + initial_false_negative_weight + initial_true_negative_weight as decimal(28, 6)) * cast(initial_true_positive_weight + initial_false_positive_weight + initial_false_negative_weight + initial_true_negative_weight as decimal(18, 6)) as initially_judged_weight_basis_squares,
        cast(2 * final_true_positive_weight + final_false_positive_weight + final_false_negative_weight > 0 as bigint) as f1_weight_basis_audits,
        case when 2 * final_true_positive_weight + final_false_positive_weight + final_false_negative_weight > 0 then provisional_audits else 0 end as f1_weight_basis_provisional,
        cast(2 * final_true_positive_weight + final_false_positive_weight + final_false_negative_weight as decimal(28, 6)) * cast(2 * final_true_positive_weight + final_false_positive_weight + final_false_negative_weight as decimal(18, 6)) as f1_weight_basis_squares,
        cast(final_labelled_weight > 0 as bigint) as labelled_weight_basis_audits,
        case when final_labelled_weight > 0 then provisional_audits else 0 end as labelled_weight_basis_provisional,
        cast(final_labelled_weight as decimal(28, 6)) * cast(final_labelled_weight as decimal(18, 6)) as labelled_weight_basis_squares,
        cast(final_true_positive_weight + final_false_positive_weight > 0 as bigint) as actioned_weight_basis_audits,
        case when final_true_positive_weight + final_false_positive_weight > 0 then provisional_audits else 0 end as actioned_weight_basis_provisional,
        cast(final_true_positive_weight + final_false_positive_weight as decimal(28, 6)) * cast(final_true_positive_weight + final_false_positive_weight as decimal(18, 6)) as actioned_weight_basis_squares,
        cast(escalation_weight > 0 as bigint) as escalation_weight_basis_audits,
        case when escalation_weight > 0 then provisional_audits else 0 end as escalation_weight_basis_provisional,
        cast(escalation_weight as decimal(28, 6)) * cast(escalation_weight as decimal(18, 6)) as escalation_weight_basis_squares,
        cast(final_false_negative_weight + final_true_negative_weight > 0 as bigint) as approved_weight_basis_audits,
        case when final_false_negative_weight + final_true_negative_weight > 0 then provisional_audits else 0 end as approved_weight_basis_provisional,
        cast(final_false_negative_weight + final_true_negative_weight as decimal(28, 6)) * cast(final_false_negative_weight + final_true_negative_weight as decimal(18, 6)) as approved_weight_basis_squares,
        cast(final_false_positive_weight + final_true_negative_weight > 0 as bigint) as non_violative_weight_basis_audits,
        case when final_false_positive_weight + final_true_negative_weight > 0 then provisional_audits else 0 end as non_violative_weight_basis_provisional,
        cast(final_false_positive_weight + final_true_negative_weight as decimal(28, 6)) * cast(final_false_positive_weight + final_true_negative_weight as decimal(18, 6)) as non_violative_weight_basis_squares,
        cast(final_true_positive_weight + final_false_negative_weight > 0 as bigint) as violative_weight_basis_audits,
        case when final_true_positive_weight + final_false_negative_weight > 0 then provisional_audits else 0 end as violative_weight_basis_provisional,
        cast(final_true_positive_weight + final_false_negative_weight as decimal(28, 6)) * cast(final_true_positive_weight + final_false_negative_weight as decimal(18, 6)) as violative_weight_basis_squares,
        cast(possible_severity_weight > 0 as bigint) as possible_severity_weight_basis_audits,
        case when possible_severity_weight > 0 then provisional_audits else 0 end as possible_severity_weight_basis_provisional,
        cast(possible_severity_weight as decimal(28, 6)) * cast(possible_severity_weight as decimal(18, 6)) as possible_severity_weight_basis_squares,
        cast(1000000 * final_true_positive_weight as double) as final_true_positive_weight,
        cast(1000000 * final_true_negative_weight as double) as final_true_negative_weight,
        cast(1000000 * final_false_positive_weight as double) as final_false_positive_weight,
        cast(1000000 * final_false_negative_weight as double) as final_false_negative_weight,
        cast(1000000 * initial_true_positive_weight as double) as initial_true_positive_weight,
        cast(1000000 * initial_true_negative_weight as double) as initial_true_negative_weight,
        cast(1000000 * initial_false_positive_weight as double) as initial_false_positive_weight,
        cast(1000000 * initial_false_negative_weight as double) as initial_false_negative_weight,
        cast(1000000 * final_same_action_weight as double) as final_same_action_weight,
        cast(1000000 * final_same_policy_weight as double) as final_same_policy_weight,
        cast(1000000 * final_labelled_weight as double) as final_labelled_weight,
        cast(1000000 * critical_error_weight as double) as critical_error_weight,
        cast(1000000 * due_escalation_weight as double) as due_escalation_weight,
        cast(1000000 * escalation_weight as double) as escalation_weight,
        cast(1000000 * possible_severity_weight as double) as possible_severity_weight,
        cast(1000000 * error_severity_weight as double) as error_severity_weight,
        -- Eight bytes of it: only equal ones are put together.
        {{ hash64(['moderator_key']) }} as moderator,
        greatest({{ period_start("'week'", 'event_on') }}, {{ period_start("'month'", 'event_on') }}) as piece_on
    from {{ ref('int_drawn_verdicts') }}
    where
        {{ in_days_of_periods(affected, 'event_on') }}
        -- The last week of a slice may end after it.
        and event_on between {{ first_of_slice() }} and {{ last_of_slice() }} + 6
),

-- How many audits need not be known by moderator, which is dear.
counted_cells as (
    select * from audits
),

counted_split as (
    select
        piece_on,
        market,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(suspected_policy) = 0 then 'suspected_policy'
            when grouping(decided_policy) = 0 then 'decided_policy'
            when grouping(true_policy) = 0 then 'true_policy'
            when grouping(language) = 0 then 'language'
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue, suspected_policy, decided_policy, true_policy, language, site, 'all') as slice,
        sum(final_false_negatives) as final_false_negatives,
        sum(final_true_negatives) as final_true_negatives,
        sum(judged_weight_basis_audits) as judged_weight_basis_audits,
        sum(judged_weight_basis_provisional) as judged_weight_basis_provisional,
        sum(judged_weight_basis_squares) as judged_weight_basis_squares,
        sum(initially_judged_weight_basis_audits) as initially_judged_weight_basis_audits,
        sum(initially_judged_weight_basis_provisional) as initially_judged_weight_basis_provisional,
        sum(initially_judged_weight_basis_squares) as initially_judged_weight_basis_squares,
        sum(f1_weight_basis_audits) as f1_weight_basis_audits,
        sum(f1_weight_basis_provisional) as f1_weight_basis_provisional,
        sum(f1_weight_basis_squares) as f1_weight_basis_squares,
        sum(labelled_weight_basis_audits) as labelled_weight_basis_audits,
        sum(labelled_weight_basis_provisional) as labelled_weight_basis_provisional,
        sum(labelled_weight_basis_squares) as labelled_weight_basis_squares,
        sum(actioned_weight_basis_audits) as actioned_weight_basis_audits,
        sum(actioned_weight_basis_provisional) as actioned_weight_basis_provisional,
        sum(actioned_weight_basis_squares) as actioned_weight_basis_squares,
        sum(escalation_weight_basis_audits) as escalation_weight_basis_audits,
        sum(escalation_weight_basis_provisional) as escalation_weight_basis_provisional,
        sum(escalation_weight_basis_squares) as escalation_weight_basis_squares,
        sum(approved_weight_basis_audits) as approved_weight_basis_audits,
        sum(approved_weight_basis_provisional) as approved_weight_basis_provisional,
        sum(approved_weight_basis_squares) as approved_weight_basis_squares,
        sum(non_violative_weight_basis_audits) as non_violative_weight_basis_audits,
        sum(non_violative_weight_basis_provisional) as non_violative_weight_basis_provisional,
        sum(non_violative_weight_basis_squares) as non_violative_weight_basis_squares,
        sum(violative_weight_basis_audits) as violative_weight_basis_audits,
        sum(violative_weight_basis_provisional) as violative_weight_basis_provisional,
        sum(violative_weight_basis_squares) as violative_weight_basis_squares,
        sum(possible_severity_weight_basis_audits) as possible_severity_weight_basis_audits,
        sum(possible_severity_weight_basis_provisional) as possible_severity_weight_basis_provisional,
        sum(possible_severity_weight_basis_squares) as possible_severity_weight_basis_squares
    from counted_cells
    group by {{ each_slice(['piece_on', 'market', 'vendor'], ['queue', 'suspected_policy', 'decided_policy', 'true_policy', 'language', 'site']) }}  -- noqa: PRS
),

counted_placed as (
    select * from counted_split
    union all
    select * replace ('market' as slice_type, market as slice) from counted_split
    where slice_type = 'all'
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from counted_split
    where slice_type = 'all'
),

counted_scoped as (
    select
        * exclude (market, vendor),
        'all' as scope_type,
        'all' as scope
    from counted_placed
    union all
    select
        * exclude (market, vendor),
        'market' as scope_type,
        market as scope
    from counted_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
    union all
    select
        * exclude (market, vendor),
        'vendor' as scope_type,
        vendor as scope
    from counted_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

weighed_cells as (
    select * from audits
),

weighed_split as (
    select
        moderator,
        piece_on,
        market,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(suspected_policy) = 0 then 'suspected_policy'
            when grouping(decided_policy) = 0 then 'decided_policy'
            when grouping(true_policy) = 0 then 'true_policy'
            when grouping(language) = 0 then 'language'
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue, suspected_policy, decided_policy, true_policy, language, site, 'all') as slice,
        sum(final_true_positive_weight) as final_true_positive_weight,
        sum(final_true_negative_weight) as final_true_negative_weight,
        sum(final_false_positive_weight) as final_false_positive_weight,
        sum(final_false_negative_weight) as final_false_negative_weight,
        sum(initial_true_positive_weight) as initial_true_positive_weight,
        sum(initial_true_negative_weight) as initial_true_negative_weight,
        sum(initial_false_positive_weight) as initial_false_positive_weight,
        sum(initial_false_negative_weight) as initial_false_negative_weight,
        sum(final_same_action_weight) as final_same_action_weight,
        sum(final_same_policy_weight) as final_same_policy_weight,
        sum(final_labelled_weight) as final_labelled_weight,
        sum(critical_error_weight) as critical_error_weight,
        sum(due_escalation_weight) as due_escalation_weight,
        sum(escalation_weight) as escalation_weight,
        sum(possible_severity_weight) as possible_severity_weight,
        sum(error_severity_weight) as error_severity_weight
    from weighed_cells
    group by {{ each_slice(['moderator', 'piece_on', 'market', 'vendor'], ['queue', 'suspected_policy', 'decided_policy', 'true_policy', 'language', 'site']) }}  -- noqa: PRS
),

weighed_placed as (
    select * from weighed_split
    union all
    select * replace ('market' as slice_type, market as slice) from weighed_split
    where slice_type = 'all'
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from weighed_split
    where slice_type = 'all'
),

weighed_scoped as (
    select
        * exclude (market, vendor),
        'all' as scope_type,
        'all' as scope
    from weighed_placed
    union all
    select
        * exclude (market, vendor),
        'market' as scope_type,
        market as scope
    from weighed_placed
    where market not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
    union all
    select
        * exclude (market, vendor),
        'vendor' as scope_type,
        vendor as scope
    from weighed_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

counted_dated as (
    select
        counted_scoped.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'counted_scoped.piece_on') }} as period_start
    from counted_scoped
    cross join ({{ grains(period_grains()) }}) as grains
),

weighed_dated as (
    select
        weighed_scoped.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'weighed_scoped.piece_on') }} as period_start
    from weighed_scoped
    cross join ({{ grains(period_grains()) }}) as grains
),

-- Cells of fewer audits than may be published are left out before what is dear.
published as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        period_start,
        row_number() over (order by grain, scope_type, scope, slice_type, slice, period_start) as cell_number,
        sum(final_false_negatives + final_true_negatives) as audit_accuracy_needed,
        sum(final_false_negatives + final_true_negatives) as audit_accuracy_initial_needed,
        sum(final_false_negatives + final_true_negatives) as audit_action_accuracy_needed,
        sum(final_false_negatives + final_true_negatives) as audit_f1_needed,
        sum(final_false_negatives + final_true_negatives) as critical_error_rate_needed,
        sum(final_false_negatives + final_true_negatives) as over_enforcement_rate_needed,
        sum(final_false_negatives + final_true_negatives) as review_recall_needed,
        sum(final_false_negatives + final_true_negatives) as severity_weighted_score_needed,
        sum(final_false_negatives + final_true_negatives) as under_enforcement_rate_needed,
        sum(final_false_negatives) as final_false_negatives,
        sum(final_true_negatives) as final_true_negatives,
        sum(judged_weight_basis_audits) as judged_weight_basis_audits,
        sum(judged_weight_basis_provisional) as judged_weight_basis_provisional,
        sum(judged_weight_basis_squares) as judged_weight_basis_squares,
        sum(initially_judged_weight_basis_audits) as initially_judged_weight_basis_audits,
        sum(initially_judged_weight_basis_provisional) as initially_judged_weight_basis_provisional,
        sum(initially_judged_weight_basis_squares) as initially_judged_weight_basis_squares,
        sum(f1_weight_basis_audits) as f1_weight_basis_audits,
        sum(f1_weight_basis_provisional) as f1_weight_basis_provisional,
        sum(f1_weight_basis_squares) as f1_weight_basis_squares,
        sum(labelled_weight_basis_audits) as labelled_weight_basis_audits,
        sum(labelled_weight_basis_provisional) as labelled_weight_basis_provisional,
        sum(labelled_weight_basis_squares) as labelled_weight_basis_squares,
        sum(actioned_weight_basis_audits) as actioned_weight_basis_audits,
        sum(actioned_weight_basis_provisional) as actioned_weight_basis_provisional,
        sum(actioned_weight_basis_squares) as actioned_weight_basis_squares,
        sum(escalation_weight_basis_audits) as escalation_weight_basis_audits,
        sum(escalation_weight_basis_provisional) as escalation_weight_basis_provisional,
        sum(escalation_weight_basis_squares) as escalation_weight_basis_squares,
        sum(approved_weight_basis_audits) as approved_weight_basis_audits,
        sum(approved_weight_basis_provisional) as approved_weight_basis_provisional,
        sum(approved_weight_basis_squares) as approved_weight_basis_squares,
        sum(non_violative_weight_basis_audits) as non_violative_weight_basis_audits,
        sum(non_violative_weight_basis_provisional) as non_violative_weight_basis_provisional,
        sum(non_violative_weight_basis_squares) as non_violative_weight_basis_squares,
        sum(violative_weight_basis_audits) as violative_weight_basis_audits,
        sum(violative_weight_basis_provisional) as violative_weight_basis_provisional,
        sum(violative_weight_basis_squares) as violative_weight_basis_squares,
        sum(possible_severity_weight_basis_audits) as possible_severity_weight_basis_audits,
        sum(possible_severity_weight_basis_provisional) as possible_severity_weight_basis_provisional,
        sum(possible_severity_weight_basis_squares) as possible_severity_weight_basis_squares
    from counted_dated
    where {{ in_periods(affected) }} and {{ within_slice('period_start') }}
    group by grain, scope_type, scope, slice_type, slice, period_start
    having
        sum(judged_weight_basis_audits) >= {{ var('minimum_audits') }} or
        sum(initially_judged_weight_basis_audits) >= {{ var('minimum_audits') }} or
        sum(f1_weight_basis_audits) >= {{ var('minimum_audits') }} or
        sum(labelled_weight_basis_audits) >= {{ var('minimum_audits') }} or
        sum(actioned_weight_basis_audits) >= {{ var('minimum_audits') }} or
        sum(escalation_weight_basis_audits) >= {{ var('minimum_audits') }} or
        sum(approved_weight_basis_audits) >= {{ var('minimum_audits') }} or
        sum(non_violative_weight_basis_audits) >= {{ var('minimum_audits') }} or
        sum(violative_weight_basis_audits) >= {{ var('minimum_audits') }} or
        sum(possible_severity_weight_basis_audits) >= {{ var('minimum_audits') }}
),

clusters as (
    select
        published.cell_number,
        weighed_dated.moderator,
        cast(sum(weighed_dated.final_true_positive_weight) / 1000000 as decimal(18, 6)) as final_true_positive_weight,
        cast(sum(weighed_dated.final_true_negative_weight) / 1000000 as decimal(18, 6)) as final_true_negative_weight,
        cast(sum(weighed_dated.final_false_positive_weight) / 1000000 as decimal(18, 6)) as final_false_positive_weight,
        cast(sum(weighed_dated.final_false_negative_weight) / 1000000 as decimal(18, 6)) as final_false_negative_weight,
        cast(sum(weighed_dated.initial_true_positive_weight) / 1000000 as decimal(18, 6)) as initial_true_positive_weight,
        cast(sum(weighed_dated.initial_true_negative_weight) / 1000000 as decimal(18, 6)) as initial_true_negative_weight,
        cast(sum(weighed_dated.initial_false_positive_weight) / 1000000 as decimal(18, 6)) as initial_false_positive_weight,
        cast(sum(weighed_dated.initial_false_negative_weight) / 1000000 as decimal(18, 6)) as initial_false_negative_weight,
        cast(sum(weighed_dated.final_same_action_weight) / 1000000 as decimal(18, 6)) as final_same_action_weight,
        cast(sum(weighed_dated.final_same_policy_weight) / 1000000 as decimal(18, 6)) as final_same_policy_weight,
        cast(sum(weighed_dated.final_labelled_weight) / 1000000 as decimal(18, 6)) as final_labelled_weight,
        cast(sum(weighed_dated.critical_error_weight) / 1000000 as decimal(18, 6)) as critical_error_weight,
        cast(sum(weighed_dated.due_escalation_weight) / 1000000 as decimal(18, 6)) as due_escalation_weight,
        cast(sum(weighed_dated.escalation_weight) / 1000000 as decimal(18, 6)) as escalation_weight,
        cast(sum(weighed_dated.possible_severity_weight) / 1000000 as decimal(18, 6)) as possible_severity_weight,
        cast(sum(weighed_dated.error_severity_weight) / 1000000 as decimal(18, 6)) as error_severity_weight
    from weighed_dated
    inner join published
        on
            weighed_dated.grain = published.grain
            and weighed_dated.scope_type = published.scope_type
            and weighed_dated.scope = published.scope
            and weighed_dated.slice_type = published.slice_type
            and weighed_dated.slice = published.slice
            and weighed_dated.period_start = published.period_start
    group by published.cell_number, weighed_dated.moderator
),

products as (
    select
        cell_number,
        count(*) filter (where (final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) > 0) as audit_accuracy_clusters,
        sum((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight)) as audit_accuracy_weight,
        sum((final_true_positive_weight + final_true_negative_weight)) as audit_accuracy_weighted,
        sum(cast((final_true_positive_weight + final_true_negative_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_true_negative_weight) as decimal(18, 6))) as audit_accuracy_cluster_yy,
        sum(cast((final_true_positive_weight + final_true_negative_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) as decimal(18, 6))) as audit_accuracy_cluster_yw,
        sum(cast((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) as decimal(18, 6))) as audit_accuracy_cluster_ww,
        count(*) filter (where (initial_true_positive_weight + initial_false_positive_weight + initial_false_negative_weight + initial_true_negative_weight) > 0) as audit_accuracy_initial_clusters,
        sum((initial_true_positive_weight + initial_false_positive_weight + initial_false_negative_weight + initial_true_negative_weight)) as audit_accuracy_initial_weight,
        sum((initial_true_positive_weight + initial_true_negative_weight)) as audit_accuracy_initial_weighted,
        sum(cast((initial_true_positive_weight + initial_true_negative_weight) as decimal(28, 6)) * cast((initial_true_positive_weight + initial_true_negative_weight) as decimal(18, 6))) as audit_accuracy_initial_cluster_yy,
        sum(cast((initial_true_positive_weight + initial_true_negative_weight) as decimal(28, 6)) * cast((initial_true_positive_weight + initial_false_positive_weight + initial_false_negative_weight + initial_true_negative_weight) as decimal(18, 6))) as audit_accuracy_initial_cluster_yw,
        sum(cast((initial_true_positive_weight + initial_false_positive_weight + initial_false_negative_weight + initial_true_negative_weight) as decimal(28, 6)) * cast((initial_true_positive_weight + initial_false_positive_weight + initial_false_negative_weight + initial_true_negative_weight) as decimal(18, 6))) as audit_accuracy_initial_cluster_ww,
        count(*) filter (where (final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) > 0) as audit_action_accuracy_clusters,
        sum((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight)) as audit_action_accuracy_weight,
        sum((final_same_action_weight)) as audit_action_accuracy_weighted,
        sum(cast((final_same_action_weight) as decimal(28, 6)) * cast((final_same_action_weight) as decimal(18, 6))) as audit_action_accuracy_cluster_yy,
        sum(cast((final_same_action_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) as decimal(18, 6))) as audit_action_accuracy_cluster_yw,
        sum(cast((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) as decimal(18, 6))) as audit_action_accuracy_cluster_ww,
        count(*) filter (where (2 * final_true_positive_weight + final_false_positive_weight + final_false_negative_weight) > 0) as audit_f1_clusters,
        sum((2 * final_true_positive_weight + final_false_positive_weight + final_false_negative_weight)) as audit_f1_weight,
        sum((2 * final_true_positive_weight)) as audit_f1_weighted,
        sum(cast((2 * final_true_positive_weight) as decimal(28, 6)) * cast((2 * final_true_positive_weight) as decimal(18, 6))) as audit_f1_cluster_yy,
        sum(cast((2 * final_true_positive_weight) as decimal(28, 6)) * cast((2 * final_true_positive_weight + final_false_positive_weight + final_false_negative_weight) as decimal(18, 6))) as audit_f1_cluster_yw,
        sum(cast((2 * final_true_positive_weight + final_false_positive_weight + final_false_negative_weight) as decimal(28, 6)) * cast((2 * final_true_positive_weight + final_false_positive_weight + final_false_negative_weight) as decimal(18, 6))) as audit_f1_cluster_ww,
        count(*) filter (where (final_labelled_weight) > 0) as audit_policy_label_accuracy_clusters,
        sum((final_labelled_weight)) as audit_policy_label_accuracy_weight,
        sum((final_same_policy_weight)) as audit_policy_label_accuracy_weighted,
        sum(cast((final_same_policy_weight) as decimal(28, 6)) * cast((final_same_policy_weight) as decimal(18, 6))) as audit_policy_label_accuracy_cluster_yy,
        sum(cast((final_same_policy_weight) as decimal(28, 6)) * cast((final_labelled_weight) as decimal(18, 6))) as audit_policy_label_accuracy_cluster_yw,
        sum(cast((final_labelled_weight) as decimal(28, 6)) * cast((final_labelled_weight) as decimal(18, 6))) as audit_policy_label_accuracy_cluster_ww,
        count(*) filter (where (final_true_positive_weight + final_false_positive_weight) > 0) as audit_precision_clusters,
        sum((final_true_positive_weight + final_false_positive_weight)) as audit_precision_weight,
        sum((final_true_positive_weight)) as audit_precision_weighted,
        sum(cast((final_true_positive_weight) as decimal(28, 6)) * cast((final_true_positive_weight) as decimal(18, 6))) as audit_precision_cluster_yy,
        sum(cast((final_true_positive_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_positive_weight) as decimal(18, 6))) as audit_precision_cluster_yw,
        sum(cast((final_true_positive_weight + final_false_positive_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_positive_weight) as decimal(18, 6))) as audit_precision_cluster_ww,
        count(*) filter (where (final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) > 0) as critical_error_rate_clusters,
        sum((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight)) as critical_error_rate_weight,
        sum((critical_error_weight)) as critical_error_rate_weighted,
        sum(cast((critical_error_weight) as decimal(28, 6)) * cast((critical_error_weight) as decimal(18, 6))) as critical_error_rate_cluster_yy,
        sum(cast((critical_error_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) as decimal(18, 6))) as critical_error_rate_cluster_yw,
        sum(cast((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_positive_weight + final_false_negative_weight + final_true_negative_weight) as decimal(18, 6))) as critical_error_rate_cluster_ww,
        count(*) filter (where (escalation_weight) > 0) as escalation_correctness_clusters,
        sum((escalation_weight)) as escalation_correctness_weight,
        sum((due_escalation_weight)) as escalation_correctness_weighted,
        sum(cast((due_escalation_weight) as decimal(28, 6)) * cast((due_escalation_weight) as decimal(18, 6))) as escalation_correctness_cluster_yy,
        sum(cast((due_escalation_weight) as decimal(28, 6)) * cast((escalation_weight) as decimal(18, 6))) as escalation_correctness_cluster_yw,
        sum(cast((escalation_weight) as decimal(28, 6)) * cast((escalation_weight) as decimal(18, 6))) as escalation_correctness_cluster_ww,
        count(*) filter (where (final_true_positive_weight + final_false_positive_weight) > 0) as false_removal_rate_clusters,
        sum((final_true_positive_weight + final_false_positive_weight)) as false_removal_rate_weight,
        sum((final_false_positive_weight)) as false_removal_rate_weighted,
        sum(cast((final_false_positive_weight) as decimal(28, 6)) * cast((final_false_positive_weight) as decimal(18, 6))) as false_removal_rate_cluster_yy,
        sum(cast((final_false_positive_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_positive_weight) as decimal(18, 6))) as false_removal_rate_cluster_yw,
        sum(cast((final_true_positive_weight + final_false_positive_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_positive_weight) as decimal(18, 6))) as false_removal_rate_cluster_ww,
        count(*) filter (where (final_false_negative_weight + final_true_negative_weight) > 0) as leakage_rate_clusters,
        sum((final_false_negative_weight + final_true_negative_weight)) as leakage_rate_weight,
        sum((final_false_negative_weight)) as leakage_rate_weighted,
        sum(cast((final_false_negative_weight) as decimal(28, 6)) * cast((final_false_negative_weight) as decimal(18, 6))) as leakage_rate_cluster_yy,
        sum(cast((final_false_negative_weight) as decimal(28, 6)) * cast((final_false_negative_weight + final_true_negative_weight) as decimal(18, 6))) as leakage_rate_cluster_yw,
        sum(cast((final_false_negative_weight + final_true_negative_weight) as decimal(28, 6)) * cast((final_false_negative_weight + final_true_negative_weight) as decimal(18, 6))) as leakage_rate_cluster_ww,
        count(*) filter (where (final_false_positive_weight + final_true_negative_weight) > 0) as over_enforcement_rate_clusters,
        sum((final_false_positive_weight + final_true_negative_weight)) as over_enforcement_rate_weight,
        sum((final_false_positive_weight)) as over_enforcement_rate_weighted,
        sum(cast((final_false_positive_weight) as decimal(28, 6)) * cast((final_false_positive_weight) as decimal(18, 6))) as over_enforcement_rate_cluster_yy,
        sum(cast((final_false_positive_weight) as decimal(28, 6)) * cast((final_false_positive_weight + final_true_negative_weight) as decimal(18, 6))) as over_enforcement_rate_cluster_yw,
        sum(cast((final_false_positive_weight + final_true_negative_weight) as decimal(28, 6)) * cast((final_false_positive_weight + final_true_negative_weight) as decimal(18, 6))) as over_enforcement_rate_cluster_ww,
        count(*) filter (where (final_true_positive_weight + final_false_negative_weight) > 0) as review_recall_clusters,
        sum((final_true_positive_weight + final_false_negative_weight)) as review_recall_weight,
        sum((final_true_positive_weight)) as review_recall_weighted,
        sum(cast((final_true_positive_weight) as decimal(28, 6)) * cast((final_true_positive_weight) as decimal(18, 6))) as review_recall_cluster_yy,
        sum(cast((final_true_positive_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_negative_weight) as decimal(18, 6))) as review_recall_cluster_yw,
        sum(cast((final_true_positive_weight + final_false_negative_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_negative_weight) as decimal(18, 6))) as review_recall_cluster_ww,
        count(*) filter (where (possible_severity_weight) > 0) as severity_weighted_score_clusters,
        sum((possible_severity_weight)) as severity_weighted_score_weight,
        sum((possible_severity_weight - error_severity_weight)) as severity_weighted_score_weighted,
        sum(cast((possible_severity_weight - error_severity_weight) as decimal(28, 6)) * cast((possible_severity_weight - error_severity_weight) as decimal(18, 6))) as severity_weighted_score_cluster_yy,
        sum(cast((possible_severity_weight - error_severity_weight) as decimal(28, 6)) * cast((possible_severity_weight) as decimal(18, 6))) as severity_weighted_score_cluster_yw,
        sum(cast((possible_severity_weight) as decimal(28, 6)) * cast((possible_severity_weight) as decimal(18, 6))) as severity_weighted_score_cluster_ww,
        count(*) filter (where (final_true_positive_weight + final_false_negative_weight) > 0) as under_enforcement_rate_clusters,
        sum((final_true_positive_weight + final_false_negative_weight)) as under_enforcement_rate_weight,
        sum((final_false_negative_weight)) as under_enforcement_rate_weighted,
        sum(cast((final_false_negative_weight) as decimal(28, 6)) * cast((final_false_negative_weight) as decimal(18, 6))) as under_enforcement_rate_cluster_yy,
        sum(cast((final_false_negative_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_negative_weight) as decimal(18, 6))) as under_enforcement_rate_cluster_yw,
        sum(cast((final_true_positive_weight + final_false_negative_weight) as decimal(28, 6)) * cast((final_true_positive_weight + final_false_negative_weight) as decimal(18, 6))) as under_enforcement_rate_cluster_ww,
        count(*) as people
    from clusters
    group by cell_number
),

summed as (
    select
        *,
        -- Where not even the whole has what is needed, its parts have not either.
        case
            when slice_type in ('true_policy')
                then max(case when slice_type = 'all' then review_recall_needed end) over (
                    partition by grain, scope_type, scope, period_start
                )
            else review_recall_needed
        end as review_recall_needed_of_all,
        -- Where not even the whole has what is needed, its parts have not either.
        case
            when slice_type in ('true_policy')
                then max(case when slice_type = 'all' then under_enforcement_rate_needed end) over (
                    partition by grain, scope_type, scope, period_start
                )
            else under_enforcement_rate_needed
        end as under_enforcement_rate_needed_of_all
    from published
    inner join products using (cell_number)
),

-- A row a metric. One list and no union: each branch of a union holds memory of its own until the last has been written.
united as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            {
                'metric_id': 'audit_accuracy',
                'not_estimable_reason': case when audit_accuracy_needed = 0 then 'no decision without an enforcement action was audited with a known probability' end,
                'clusters': cast(audit_accuracy_clusters as bigint),
                'audits': cast(judged_weight_basis_audits as bigint),
                'provisional_audits': cast(judged_weight_basis_provisional as bigint),
                'weight': cast(audit_accuracy_weight as decimal(38, 12)),
                'weighted': cast(audit_accuracy_weighted as decimal(38, 12)),
                'cluster_yy': cast(audit_accuracy_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(audit_accuracy_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(audit_accuracy_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(judged_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            {
                'metric_id': 'audit_accuracy_initial',
                'not_estimable_reason': case when audit_accuracy_initial_needed = 0 then 'no decision without an enforcement action was audited with a known probability' end,
                'clusters': cast(audit_accuracy_initial_clusters as bigint),
                'audits': cast(initially_judged_weight_basis_audits as bigint),
                'provisional_audits': cast(initially_judged_weight_basis_provisional as bigint),
                'weight': cast(audit_accuracy_initial_weight as decimal(38, 12)),
                'weighted': cast(audit_accuracy_initial_weighted as decimal(38, 12)),
                'cluster_yy': cast(audit_accuracy_initial_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(audit_accuracy_initial_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(audit_accuracy_initial_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(initially_judged_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            {
                'metric_id': 'audit_action_accuracy',
                'not_estimable_reason': case when audit_action_accuracy_needed = 0 then 'no decision without an enforcement action was audited with a known probability' end,
                'clusters': cast(audit_action_accuracy_clusters as bigint),
                'audits': cast(judged_weight_basis_audits as bigint),
                'provisional_audits': cast(judged_weight_basis_provisional as bigint),
                'weight': cast(audit_action_accuracy_weight as decimal(38, 12)),
                'weighted': cast(audit_action_accuracy_weighted as decimal(38, 12)),
                'cluster_yy': cast(audit_action_accuracy_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(audit_action_accuracy_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(audit_action_accuracy_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(judged_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            {
                'metric_id': 'audit_f1',
                'not_estimable_reason': case when audit_f1_needed = 0 then 'no decision without an enforcement action was audited with a known probability' end,
                'clusters': cast(audit_f1_clusters as bigint),
                'audits': cast(f1_weight_basis_audits as bigint),
                'provisional_audits': cast(f1_weight_basis_provisional as bigint),
                'weight': cast(audit_f1_weight as decimal(38, 12)),
                'weighted': cast(audit_f1_weighted as decimal(38, 12)),
                'cluster_yy': cast(audit_f1_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(audit_f1_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(audit_f1_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(f1_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
            },
            {
                'metric_id': 'audit_policy_label_accuracy',
                'not_estimable_reason': null,
                'clusters': cast(audit_policy_label_accuracy_clusters as bigint),
                'audits': cast(labelled_weight_basis_audits as bigint),
                'provisional_audits': cast(labelled_weight_basis_provisional as bigint),
                'weight': cast(audit_policy_label_accuracy_weight as decimal(38, 12)),
                'weighted': cast(audit_policy_label_accuracy_weighted as decimal(38, 12)),
                'cluster_yy': cast(audit_policy_label_accuracy_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(audit_policy_label_accuracy_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(audit_policy_label_accuracy_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(labelled_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
            },
            {
                'metric_id': 'audit_precision',
                'not_estimable_reason': null,
                'clusters': cast(audit_precision_clusters as bigint),
                'audits': cast(actioned_weight_basis_audits as bigint),
                'provisional_audits': cast(actioned_weight_basis_provisional as bigint),
                'weight': cast(audit_precision_weight as decimal(38, 12)),
                'weighted': cast(audit_precision_weighted as decimal(38, 12)),
                'cluster_yy': cast(audit_precision_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(audit_precision_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(audit_precision_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(actioned_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
            },
            {
                'metric_id': 'critical_error_rate',
                'not_estimable_reason': case when critical_error_rate_needed = 0 then 'no decision without an enforcement action was audited with a known probability' end,
                'clusters': cast(critical_error_rate_clusters as bigint),
                'audits': cast(judged_weight_basis_audits as bigint),
                'provisional_audits': cast(judged_weight_basis_provisional as bigint),
                'weight': cast(critical_error_rate_weight as decimal(38, 12)),
                'weighted': cast(critical_error_rate_weighted as decimal(38, 12)),
                'cluster_yy': cast(critical_error_rate_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(critical_error_rate_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(critical_error_rate_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(judged_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            {
                'metric_id': 'escalation_correctness',
                'not_estimable_reason': null,
                'clusters': cast(escalation_correctness_clusters as bigint),
                'audits': cast(escalation_weight_basis_audits as bigint),
                'provisional_audits': cast(escalation_weight_basis_provisional as bigint),
                'weight': cast(escalation_correctness_weight as decimal(38, 12)),
                'weighted': cast(escalation_correctness_weighted as decimal(38, 12)),
                'cluster_yy': cast(escalation_correctness_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(escalation_correctness_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(escalation_correctness_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(escalation_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            {
                'metric_id': 'false_removal_rate',
                'not_estimable_reason': null,
                'clusters': cast(false_removal_rate_clusters as bigint),
                'audits': cast(actioned_weight_basis_audits as bigint),
                'provisional_audits': cast(actioned_weight_basis_provisional as bigint),
                'weight': cast(false_removal_rate_weight as decimal(38, 12)),
                'weighted': cast(false_removal_rate_weighted as decimal(38, 12)),
                'cluster_yy': cast(false_removal_rate_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(false_removal_rate_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(false_removal_rate_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(actioned_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'decided_policy')
            },
            {
                'metric_id': 'leakage_rate',
                'not_estimable_reason': null,
                'clusters': cast(leakage_rate_clusters as bigint),
                'audits': cast(approved_weight_basis_audits as bigint),
                'provisional_audits': cast(approved_weight_basis_provisional as bigint),
                'weight': cast(leakage_rate_weight as decimal(38, 12)),
                'weighted': cast(leakage_rate_weighted as decimal(38, 12)),
                'cluster_yy': cast(leakage_rate_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(leakage_rate_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(leakage_rate_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(approved_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            {
                'metric_id': 'over_enforcement_rate',
                'not_estimable_reason': case when over_enforcement_rate_needed = 0 then 'no decision without an enforcement action was audited with a known probability' end,
                'clusters': cast(over_enforcement_rate_clusters as bigint),
                'audits': cast(non_violative_weight_basis_audits as bigint),
                'provisional_audits': cast(non_violative_weight_basis_provisional as bigint),
                'weight': cast(over_enforcement_rate_weight as decimal(38, 12)),
                'weighted': cast(over_enforcement_rate_weighted as decimal(38, 12)),
                'cluster_yy': cast(over_enforcement_rate_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(over_enforcement_rate_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(over_enforcement_rate_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(non_violative_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor')
            },
            {
                'metric_id': 'review_recall',
                'not_estimable_reason': case when review_recall_needed_of_all = 0 then 'no decision without an enforcement action was audited with a known probability' end,
                'clusters': cast(review_recall_clusters as bigint),
                'audits': cast(violative_weight_basis_audits as bigint),
                'provisional_audits': cast(violative_weight_basis_provisional as bigint),
                'weight': cast(review_recall_weight as decimal(38, 12)),
                'weighted': cast(review_recall_weighted as decimal(38, 12)),
                'cluster_yy': cast(review_recall_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(review_recall_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(review_recall_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(violative_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy')
            },
            {
                'metric_id': 'severity_weighted_score',
                'not_estimable_reason': case when severity_weighted_score_needed = 0 then 'no decision without an enforcement action was audited with a known probability' end,
                'clusters': cast(severity_weighted_score_clusters as bigint),
                'audits': cast(possible_severity_weight_basis_audits as bigint),
                'provisional_audits': cast(possible_severity_weight_basis_provisional as bigint),
                'weight': cast(severity_weighted_score_weight as decimal(38, 12)),
                'weighted': cast(severity_weighted_score_weighted as decimal(38, 12)),
                'cluster_yy': cast(severity_weighted_score_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(severity_weighted_score_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(severity_weighted_score_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(possible_severity_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor') and scope_type in ('all', 'queue', 'suspected_policy', 'market', 'language', 'site', 'vendor')
            },
            {
                'metric_id': 'under_enforcement_rate',
                'not_estimable_reason': case when under_enforcement_rate_needed_of_all = 0 then 'no decision without an enforcement action was audited with a known probability' end,
                'clusters': cast(under_enforcement_rate_clusters as bigint),
                'audits': cast(violative_weight_basis_audits as bigint),
                'provisional_audits': cast(violative_weight_basis_provisional as bigint),
                'weight': cast(under_enforcement_rate_weight as decimal(38, 12)),
                'weighted': cast(under_enforcement_rate_weighted as decimal(38, 12)),
                'cluster_yy': cast(under_enforcement_rate_cluster_yy as decimal(38, 12)),
                'cluster_yw': cast(under_enforcement_rate_cluster_yw as decimal(38, 12)),
                'cluster_ww': cast(under_enforcement_rate_cluster_ww as decimal(38, 12)),
                'squared_weight': cast(violative_weight_basis_squares as decimal(38, 12)),
                'is_allowed': slice_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy') and scope_type in ('all', 'queue', 'market', 'language', 'site', 'vendor', 'true_policy')
            }
        ], recursive := true),
        period_start
    from summed
)

select
    metric_id,
    grain,
    scope_type,
    scope,
    slice_type,
    slice,
    not_estimable_reason,
    clusters,
    audits,
    provisional_audits,
    weight,
    weighted,
    cluster_yy,
    cluster_yw,
    cluster_ww,
    squared_weight,
    period_start,
    {{ batch() }} as _batch
from united
where is_allowed and weight > 0
