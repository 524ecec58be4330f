{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['workforce'], 'day': 'reporting_on'},
) }}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with
-- Time of moderators by site-local day.
activity_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        coalesce(team_id, '(none)') as team,
        sum(handling_seconds + idle_seconds) as productive_seconds,
        sum(handling_seconds) as handling_seconds,
        sum(paid_seconds - handling_seconds - idle_seconds) as unavailable_seconds,
        sum(paid_seconds) as paid_seconds,
        bit_or(people_bits) as activity_people_bits,
        event_on as reporting_on
    from {{ ref('int_activity_daily') }}
    where
        event_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['workforce'], 'event_on') }}
    group by all
),

activity_split as (
    select
        reporting_on,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(site) = 0 then 'site'
            when grouping(team) = 0 then 'team'
            else 'all'
        end as slice_type,
        coalesce(queue, site, team, 'all') as slice,
        sum(productive_seconds) as productive_seconds,
        sum(handling_seconds) as handling_seconds,
        sum(unavailable_seconds) as unavailable_seconds,
        sum(paid_seconds) as paid_seconds,
        bit_or(activity_people_bits) as activity_people_bits
    from activity_cells
    group by {{ each_slice(['reporting_on', 'vendor'], ['queue', 'site', 'team']) }}  -- noqa: PRS
),

activity_placed as (
    select * from activity_split
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from activity_split
    where slice_type = 'all'
),

activity_scoped as (
    select
        * exclude (vendor),
        'all' as scope_type,
        'all' as scope
    from activity_placed
    union all
    select
        * exclude (vendor),
        'vendor' as scope_type,
        vendor as scope
    from activity_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

-- Decisions of people in production by the day, at the site, of the shift in which they were made.
shift_output_cells as (
    select
        coalesce(queue_id, '(none)') as queue,
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        sum(production_decisions - skips) as shift_decisions,
        bit_or(case when production_decisions > 0 then people_bits else 0 end) as shift_output_people_bits,
        shift_on as reporting_on
    from {{ ref('int_decisions_daily') }}
    where
        shift_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['workforce'], 'shift_on') }}
    group by all
),

shift_output_split as (
    select
        reporting_on,
        vendor,
        case
            when grouping(queue) = 0 then 'queue'
            when grouping(site) = 0 then 'site'
            else 'all'
        end as slice_type,
        coalesce(queue, site, 'all') as slice,
        sum(shift_decisions) as shift_decisions,
        bit_or(shift_output_people_bits) as shift_output_people_bits
    from shift_output_cells
    group by {{ each_slice(['reporting_on', 'vendor'], ['queue', 'site']) }}  -- noqa: PRS
),

shift_output_placed as (
    select * from shift_output_split
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from shift_output_split
    where slice_type = 'all'
),

shift_output_scoped as (
    select
        * exclude (vendor),
        'all' as scope_type,
        'all' as scope
    from shift_output_placed
    union all
    select
        * exclude (vendor),
        'vendor' as scope_type,
        vendor as scope
    from shift_output_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

-- Days of people by site-local day, held against the limits of that day.
wellbeing_cells as (
    select
        coalesce(site_id, '(none)') as site,
        coalesce(vendor_id, '(none)') as vendor,
        coalesce(team_id, '(none)') as team,
        sum(sensitive_seconds) as sensitive_seconds,
        sum(productive_seconds) as worked_seconds,
        sum(days_with_break_limit) as days_with_break_limit,
        sum(days_with_enough_breaks) as days_with_enough_breaks,
        bit_or(people_bits) as wellbeing_people_bits,
        event_on as reporting_on
    from {{ ref('int_wellbeing_daily') }}
    where
        event_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['workforce'], 'event_on') }}
    group by all
),

wellbeing_split as (
    select
        reporting_on,
        vendor,
        case
            when grouping(site) = 0 then 'site'
            when grouping(team) = 0 then 'team'
            else 'all'
        end as slice_type,
        coalesce(site, team, 'all') as slice,
        sum(sensitive_seconds) as sensitive_seconds,
        sum(worked_seconds) as worked_seconds,
        sum(days_with_break_limit) as days_with_break_limit,
        sum(days_with_enough_breaks) as days_with_enough_breaks,
        bit_or(wellbeing_people_bits) as wellbeing_people_bits
    from wellbeing_cells
    group by {{ each_slice(['reporting_on', 'vendor'], ['site', 'team']) }}  -- noqa: PRS
),

wellbeing_placed as (
    select * from wellbeing_split
    union all
    select * replace ('vendor' as slice_type, vendor as slice) from wellbeing_split
    where slice_type = 'all'
),

wellbeing_scoped as (
    select
        * exclude (vendor),
        'all' as scope_type,
        'all' as scope
    from wellbeing_placed
    union all
    select
        * exclude (vendor),
        'vendor' as scope_type,
        vendor as scope
    from wellbeing_placed
    where vendor not in ('(unmapped)', '(automated)', '(unclaimed)', '(none)')
),

united as (
    select * from activity_scoped
    union all by name
    select * from shift_output_scoped
    union all by name
    select * from wellbeing_scoped
)

select
    scope_type,
    scope,
    slice_type,
    slice,
    cast(sum(productive_seconds) as decimal(38, 12)) as productive_seconds,
    cast(sum(handling_seconds) as decimal(38, 12)) as handling_seconds,
    cast(sum(unavailable_seconds) as decimal(38, 12)) as unavailable_seconds,
    cast(sum(paid_seconds) as decimal(38, 12)) as paid_seconds,
    cast(bit_or(activity_people_bits) as bigint) as activity_people_bits,
    cast(sum(shift_decisions) as decimal(38, 12)) as shift_decisions,
    cast(bit_or(shift_output_people_bits) as bigint) as shift_output_people_bits,
    cast(sum(sensitive_seconds) as decimal(38, 12)) as sensitive_seconds,
    cast(sum(worked_seconds) as decimal(38, 12)) as worked_seconds,
    cast(sum(days_with_break_limit) as decimal(38, 12)) as days_with_break_limit,
    cast(sum(days_with_enough_breaks) as decimal(38, 12)) as days_with_enough_breaks,
    cast(bit_or(wellbeing_people_bits) as bigint) as wellbeing_people_bits,
    {{ batch() }} as _batch,
    reporting_on
from united
group by all
