{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['workforce'], 'grain': 'period'},
) }}
{%- set affected = affected_periods(ref('affected_metric_days'), ['workforce']) %}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with days as (
    select * from {{ ref('int_workforce_slices') }}
    where {{ in_days_of_periods(affected, 'reporting_on') }}
),

dated as (
    select
        days.* exclude (reporting_on),
        grains.grain,
        {{ period_start('grains.grain', 'days.reporting_on') }} as period_start
    from days
    cross join ({{ grains() }}) as grains
),

periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        bit_or(activity_people_bits) as activity_people_bits,
        sum(days_with_break_limit) as days_with_break_limit,
        sum(days_with_enough_breaks) as days_with_enough_breaks,
        sum(handling_seconds) as handling_seconds,
        sum(paid_seconds) as paid_seconds,
        sum(productive_seconds) as productive_seconds,
        sum(sensitive_seconds) as sensitive_seconds,
        sum(shift_decisions) as shift_decisions,
        bit_or(shift_output_people_bits) as shift_output_people_bits,
        sum(unavailable_seconds) as unavailable_seconds,
        bit_or(wellbeing_people_bits) as wellbeing_people_bits,
        sum(worked_seconds) as worked_seconds,
        period_start
    from dated
    where {{ in_periods(affected) }}
    group by all
),

metrics as (
    -- Graphic exposure per productive hour
    select
        'graphic_exposure_hours_per_productive_hour' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(sensitive_seconds, 0) as numerator,
        worked_seconds as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(wellbeing_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        worked_seconds is not null
        and slice_type in ('all', 'site', 'vendor', 'team')
        and scope_type in ('all', 'site', 'vendor', 'team')
    union all
    -- Handling share
    select
        'handling_share' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(handling_seconds, 0) as numerator,
        paid_seconds as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(activity_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        paid_seconds is not null
        and slice_type in ('all', 'site', 'vendor', 'team')
        and scope_type in ('all', 'site', 'vendor', 'team')
    union all
    -- Occupancy
    select
        'occupancy' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(handling_seconds, 0) as numerator,
        productive_seconds as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(activity_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        productive_seconds is not null
        and slice_type in ('all', 'queue', 'site', 'vendor', 'team')
        and scope_type in ('all', 'queue', 'site', 'vendor', 'team')
    union all
    -- Decisions by shift
    select
        'shift_decisions' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        shift_decisions as numerator,
        null as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(shift_output_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        shift_decisions is not null
        and slice_type in ('all', 'queue', 'site', 'vendor')
        and scope_type in ('all', 'queue', 'site', 'vendor')
    union all
    -- Shrinkage
    select
        'shrinkage' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(unavailable_seconds, 0) as numerator,
        paid_seconds as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(activity_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        paid_seconds is not null
        and slice_type in ('all', 'site', 'vendor', 'team')
        and scope_type in ('all', 'site', 'vendor', 'team')
    union all
    -- Utilisation
    select
        'utilisation' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(productive_seconds, 0) as numerator,
        paid_seconds as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(activity_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        paid_seconds is not null
        and slice_type in ('all', 'site', 'vendor', 'team')
        and scope_type in ('all', 'site', 'vendor', 'team')
    union all
    -- Wellness break compliance
    select
        'wellness_break_compliance' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(days_with_enough_breaks, 0) as numerator,
        days_with_break_limit as denominator,
        null as sum_of_squares,
        null as n,
        bit_count(wellbeing_people_bits) as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        days_with_break_limit is not null
        and slice_type in ('all', 'site', 'vendor', 'team')
        and scope_type in ('all', 'site', 'vendor', 'team')
)

select
    metric_id,
    grain,
    scope_type,
    scope,
    slice_type,
    slice,
    cast(numerator as decimal(38, 12)) as numerator,
    cast(denominator as decimal(38, 12)) as denominator,
    cast(sum_of_squares as decimal(38, 12)) as sum_of_squares,
    cast(n as bigint) as n,
    cast(people_at_least as bigint) as people_at_least,
    not_estimable_reason,
    {{ batch() }} as _batch,
    period_start
from metrics
