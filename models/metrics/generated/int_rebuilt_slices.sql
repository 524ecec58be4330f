{{ config(materialized='table') }}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with
-- Actions of management by the day they were due on.
actions_cells as (
    select
        coalesce(department, '(none)') as department,
        sum(case when closed_on is not null or is_overdue then 1 else 0 end) as actions_ended,
        sum(case when is_closed_on_time then 1 else 0 end) as actions_on_time,
        due_on as reporting_on
    from {{ ref('int_management_actions') }}
    where
        due_on is not null
    group by all
),

actions_split as (
    select
        reporting_on,
        case
            when grouping(department) = 0 then 'department'
            else 'all'
        end as slice_type,
        coalesce(department, 'all') as slice,
        sum(actions_ended) as actions_ended,
        sum(actions_on_time) as actions_on_time
    from actions_cells
    group by {{ each_slice(['reporting_on'], ['department']) }}  -- noqa: PRS
),

actions_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from actions_split
),

-- Who left and how many were there, by month and over the twelve months that end with it.
attrition_cells as (
    select
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        coalesce(team_id, '(none)') as team,
        sum(leavers) as leavers,
        sum(mean_headcount) as mean_headcount,
        sum(leavers_of_twelve_months) as leavers_of_twelve_months,
        sum(mean_headcount_of_twelve_months) as mean_headcount_of_twelve_months,
        sum(case when is_window_known then 1 else 0 end) as windows_known,
        bit_or(people_bits) as attrition_people_bits,
        month_starting_on as reporting_on
    from {{ ref('int_attrition_monthly') }}
    where
        month_starting_on is not null
    group by all
),

attrition_split as (
    select
        reporting_on,
        vendor,
        case
            when grouping(site) = 0 then 'site'
            when grouping(team) = 0 then 'team'
            else 'all'
        end as slice_type,
        coalesce(site, team, 'all') as slice,
        sum(leavers) as leavers,
        sum(mean_headcount) as mean_headcount,
        sum(leavers_of_twelve_months) as leavers_of_twelve_months,
        sum(mean_headcount_of_twelve_months) as mean_headcount_of_twelve_months,
        sum(windows_known) as windows_known,
        bit_or(attrition_people_bits) as attrition_people_bits
    from attrition_cells
    group by {{ each_slice(['reporting_on', 'vendor'], ['site', 'team']) }}  -- noqa: PRS
),

attrition_placed as (
    select * from attrition_split
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from attrition_split
    where slice_type = 'all'
),

attrition_scoped as (
    select
        * exclude (vendor),
        'all' as scope_type,
        'all' as scope
    from attrition_placed
    union all
    select
        * exclude (vendor),
        'vendor' as scope_type,
        vendor as scope
    from attrition_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

-- Audits planned and done, by the first day of the period of their frame, once that is over.
audit_plan_cells as (
    select
        coalesce(stratum, '(none)') as stratum,
        sum(due_audits) as due_audits,
        sum(due_audits_done) as due_audits_done,
        period_start as reporting_on
    from {{ ref('int_audit_programme') }}
    where
        period_start is not null
    group by all
),

audit_plan_split as (
    select
        reporting_on,
        case
            when grouping(stratum) = 0 then 'stratum'
            else 'all'
        end as slice_type,
        coalesce(stratum, 'all') as slice,
        sum(due_audits) as due_audits,
        sum(due_audits_done) as due_audits_done
    from audit_plan_cells
    group by {{ each_slice(['reporting_on'], ['stratum']) }}  -- noqa: PRS
),

audit_plan_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from audit_plan_split
),

-- Settings of queues by day, against those expected.
configuration_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        sum(settings_expected) as settings_expected,
        sum(settings_expected - settings_missing) as settings_there,
        sum(settings_correct) as settings_correct,
        reporting_on
    from {{ ref('int_configuration_daily') }}
    where
        reporting_on is not null
    group by all
),

configuration_split as (
    select
        reporting_on,
        case
            when grouping(queue) = 0 then 'queue'
            else 'all'
        end as slice_type,
        coalesce(queue, 'all') as slice,
        sum(settings_expected) as settings_expected,
        sum(settings_there) as settings_there,
        sum(settings_correct) as settings_correct
    from configuration_cells
    group by {{ each_slice(['reporting_on'], ['queue']) }}  -- noqa: PRS
),

configuration_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from configuration_split
),

-- How old the last landing of each table is, as of what is known.
freshness_cells as (
    select
        coalesce(source_table, '(none)') as landed_table,
        sum(case when fresh_within_days is not null then 24 * days_behind end) as hours_behind,
        sum(case when fresh_within_days is not null then 1 end) as tables_awaited,
        known_on as reporting_on
    from {{ ref('int_freshness') }}
    where
        known_on is not null
    group by all
),

freshness_split as (
    select
        reporting_on,
        case
            when grouping(landed_table) = 0 then 'landed_table'
            else 'all'
        end as slice_type,
        coalesce(landed_table, 'all') as slice,
        sum(hours_behind) as hours_behind,
        sum(tables_awaited) as tables_awaited
    from freshness_cells
    group by {{ each_slice(['reporting_on'], ['landed_table']) }}  -- noqa: PRS
),

freshness_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from freshness_split
),

-- What became of landed rows, by the day of what they tell.
landed_rows_cells as (
    select
        coalesce(source_table, '(none)') as landed_table,
        sum(rows_judged) as rows_judged,
        sum(rows_quarantined) as rows_quarantined,
        sum(rows_staged) as rows_staged,
        sum(codes_unmapped) as codes_unmapped,
        event_on as reporting_on
    from {{ ref('int_landed_rows_daily') }}
    where
        event_on is not null
    group by all
),

landed_rows_split as (
    select
        reporting_on,
        case
            when grouping(landed_table) = 0 then 'landed_table'
            else 'all'
        end as slice_type,
        coalesce(landed_table, 'all') as slice,
        sum(rows_judged) as rows_judged,
        sum(rows_quarantined) as rows_quarantined,
        sum(rows_staged) as rows_staged,
        sum(codes_unmapped) as codes_unmapped
    from landed_rows_cells
    group by {{ each_slice(['reporting_on'], ['landed_table']) }}  -- noqa: PRS
),

landed_rows_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from landed_rows_split
),

-- First ratings of items with a reference, where both labels go from mild to strict, by the day of rating.
ordered_matches_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        sum(ordered_ratings) as ordered_ratings,
        sum(stricter_ratings - milder_ratings) as strictness_excess,
        sum(stricter_ratings + milder_ratings) as unequal_ratings,
        bit_or(ordered_people_bits) as ordered_matches_people_bits,
        known_on as reporting_on
    from {{ ref('int_reference_matches_daily') }}
    where
        known_on is not null
    group by all
),

ordered_matches_split as (
    select
        reporting_on,
        case
            when grouping(queue) = 0 then 'queue'
            else 'all'
        end as slice_type,
        coalesce(queue, 'all') as slice,
        sum(ordered_ratings) as ordered_ratings,
        sum(strictness_excess) as strictness_excess,
        sum(unequal_ratings) as unequal_ratings,
        bit_or(ordered_matches_people_bits) as ordered_matches_people_bits
    from ordered_matches_cells
    group by {{ each_slice(['reporting_on'], ['queue']) }}  -- noqa: PRS
),

ordered_matches_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from ordered_matches_split
),

-- First ratings of items with a reference, by the day of rating.
reference_matches_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        sum(referenced_ratings) as referenced_ratings,
        sum(reference_matches) as reference_matches,
        bit_or(people_bits) as reference_matches_people_bits,
        known_on as reporting_on
    from {{ ref('int_reference_matches_daily') }}
    where
        known_on is not null
    group by all
),

reference_matches_split as (
    select
        reporting_on,
        case
            when grouping(queue) = 0 then 'queue'
            else 'all'
        end as slice_type,
        coalesce(queue, 'all') as slice,
        sum(referenced_ratings) as referenced_ratings,
        sum(reference_matches) as reference_matches,
        bit_or(reference_matches_people_bits) as reference_matches_people_bits
    from reference_matches_cells
    group by {{ each_slice(['reporting_on'], ['queue']) }}  -- noqa: PRS
),

reference_matches_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from reference_matches_split
),

-- Candidates for a root cause that people reviewed, by the day of the review.
root_cause_reviews_cells as (
    select
        coalesce(department, '(none)') as department,
        sum(reviews) as root_causes_reviewed,
        sum(confirmed_reviews) as root_causes_confirmed,
        event_on as reporting_on
    from {{ ref('int_rca_reviews_daily') }}
    where
        event_on is not null
    group by all
),

root_cause_reviews_split as (
    select
        reporting_on,
        case
            when grouping(department) = 0 then 'department'
            else 'all'
        end as slice_type,
        coalesce(department, 'all') as slice,
        sum(root_causes_reviewed) as root_causes_reviewed,
        sum(root_causes_confirmed) as root_causes_confirmed
    from root_cause_reviews_cells
    group by {{ each_slice(['reporting_on'], ['department']) }}  -- noqa: PRS
),

root_cause_reviews_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from root_cause_reviews_split
),

-- Reviews by scorecard, by the day of rating.
scorecard_reviews_cells as (
    select
        coalesce(subject_type, '(none)') as subject_type,
        sum(reviews) as scorecard_reviews,
        sum(score_sum) as scorecard_score_sum,
        sum(score_sum_of_squares) as squared_scorecard_scores,
        event_on as reporting_on
    from {{ ref('int_scorecard_reviews_daily') }}
    where
        event_on is not null
    group by all
),

scorecard_reviews_split as (
    select
        reporting_on,
        case
            when grouping(subject_type) = 0 then 'subject_type'
            else 'all'
        end as slice_type,
        coalesce(subject_type, 'all') as slice,
        sum(scorecard_reviews) as scorecard_reviews,
        sum(scorecard_score_sum) as scorecard_score_sum,
        sum(squared_scorecard_scores) as squared_scorecard_scores
    from scorecard_reviews_cells
    group by {{ each_slice(['reporting_on'], ['subject_type']) }}  -- noqa: PRS
),

scorecard_reviews_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from scorecard_reviews_split
),

-- Decisions made in shifts of which hours are known, the hours and their cost, those of gold, audits and appeals beside
-- them.
shift_work_cells as (
    select
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        sum(timed_decisions) as timed_decisions,
        sum(cast(productive_seconds / 3600 as decimal(38, 12))) as productive_hours,
        sum(cast(other_seconds / 3600 as decimal(38, 12))) as other_work_hours,
        sum(cast((productive_seconds + other_seconds) / 3600 as decimal(38, 12))) as all_work_hours,
        sum(cost) as moderation_cost,
        sum(other_cost) as other_work_cost,
        sum(priced_decisions) as priced_decisions,
        bit_or(people_bits) as shift_work_people_bits,
        shift_on as reporting_on
    from {{ ref('int_shift_work_daily') }}
    where
        shift_on is not null
    group by all
),

shift_work_split as (
    select
        reporting_on,
        vendor,
        case
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(site, 'all') as slice,
        sum(timed_decisions) as timed_decisions,
        sum(productive_hours) as productive_hours,
        sum(other_work_hours) as other_work_hours,
        sum(all_work_hours) as all_work_hours,
        sum(moderation_cost) as moderation_cost,
        sum(other_work_cost) as other_work_cost,
        sum(priced_decisions) as priced_decisions,
        bit_or(shift_work_people_bits) as shift_work_people_bits
    from shift_work_cells
    group by {{ each_slice(['reporting_on', 'vendor'], ['site']) }}  -- noqa: PRS
),

shift_work_placed as (
    select * from shift_work_split
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from shift_work_split
    where slice_type = 'all'
),

shift_work_scoped as (
    select
        * exclude (vendor),
        'all' as scope_type,
        'all' as scope
    from shift_work_placed
    union all
    select
        * exclude (vendor),
        'vendor' as scope_type,
        vendor as scope
    from shift_work_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

united as (
    select * from actions_scoped
    union all by name
    select * from attrition_scoped
    union all by name
    select * from audit_plan_scoped
    union all by name
    select * from configuration_scoped
    union all by name
    select * from freshness_scoped
    union all by name
    select * from landed_rows_scoped
    union all by name
    select * from ordered_matches_scoped
    union all by name
    select * from reference_matches_scoped
    union all by name
    select * from root_cause_reviews_scoped
    union all by name
    select * from scorecard_reviews_scoped
    union all by name
    select * from shift_work_scoped
)

select
    scope_type,
    scope,
    slice_type,
    slice,
    cast(sum(actions_ended) as decimal(38, 12)) as actions_ended,
    cast(sum(actions_on_time) as decimal(38, 12)) as actions_on_time,
    cast(sum(leavers) as decimal(38, 12)) as leavers,
    cast(sum(mean_headcount) as decimal(38, 12)) as mean_headcount,
    cast(sum(leavers_of_twelve_months) as decimal(38, 12)) as leavers_of_twelve_months,
    cast(sum(mean_headcount_of_twelve_months) as decimal(38, 12)) as mean_headcount_of_twelve_months,
    cast(sum(windows_known) as decimal(38, 12)) as windows_known,
    cast(bit_or(attrition_people_bits) as bigint) as attrition_people_bits,
    cast(sum(due_audits) as decimal(38, 12)) as due_audits,
    cast(sum(due_audits_done) as decimal(38, 12)) as due_audits_done,
    cast(sum(settings_expected) as decimal(38, 12)) as settings_expected,
    cast(sum(settings_there) as decimal(38, 12)) as settings_there,
    cast(sum(settings_correct) as decimal(38, 12)) as settings_correct,
    cast(sum(hours_behind) as decimal(38, 12)) as hours_behind,
    cast(sum(tables_awaited) as decimal(38, 12)) as tables_awaited,
    cast(sum(rows_judged) as decimal(38, 12)) as rows_judged,
    cast(sum(rows_quarantined) as decimal(38, 12)) as rows_quarantined,
    cast(sum(rows_staged) as decimal(38, 12)) as rows_staged,
    cast(sum(codes_unmapped) as decimal(38, 12)) as codes_unmapped,
    cast(sum(ordered_ratings) as decimal(38, 12)) as ordered_ratings,
    cast(sum(strictness_excess) as decimal(38, 12)) as strictness_excess,
    cast(sum(unequal_ratings) as decimal(38, 12)) as unequal_ratings,
    cast(bit_or(ordered_matches_people_bits) as bigint) as ordered_matches_people_bits,
    cast(sum(referenced_ratings) as decimal(38, 12)) as referenced_ratings,
    cast(sum(reference_matches) as decimal(38, 12)) as reference_matches,
    cast(bit_or(reference_matches_people_bits) as bigint) as reference_matches_people_bits,
    cast(sum(root_causes_reviewed) as decimal(38, 12)) as root_causes_reviewed,
    cast(sum(root_causes_confirmed) as decimal(38, 12)) as root_causes_confirmed,
    cast(sum(scorecard_reviews) as decimal(38, 12)) as scorecard_reviews,
    cast(sum(scorecard_score_sum) as decimal(38, 12)) as scorecard_score_sum,
    cast(sum(squared_scorecard_scores) as decimal(38, 12)) as squared_scorecard_scores,
    cast(sum(timed_decisions) as decimal(38, 12)) as timed_decisions,
    cast(sum(productive_hours) as decimal(38, 12)) as productive_hours,
    cast(sum(other_work_hours) as decimal(38, 12)) as other_work_hours,
    cast(sum(all_work_hours) as decimal(38, 12)) as all_work_hours,
    cast(sum(moderation_cost) as decimal(38, 12)) as moderation_cost,
    cast(sum(other_work_cost) as decimal(38, 12)) as other_work_cost,
    cast(sum(priced_decisions) as decimal(38, 12)) as priced_decisions,
    cast(bit_or(shift_work_people_bits) as bigint) as shift_work_people_bits,
    reporting_on
from united
group by all
