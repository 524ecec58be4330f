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

-- A row a metric. A list and no union: each branch of a union holds memory of its own until the last has been written.
metrics as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            -- Graphic exposure per productive hour
            {
                'metric_id': 'graphic_exposure_hours_per_productive_hour',
                'numerator': cast(coalesce(sensitive_seconds, 0) as decimal(38, 12)),
                'denominator': cast(worked_seconds as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(wellbeing_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': worked_seconds is not null and slice_type in ('all', 'site', 'vendor', 'team') and scope_type in ('all', 'site', 'vendor', 'team')
            },
            -- Handling share
            {
                'metric_id': 'handling_share',
                'numerator': cast(coalesce(handling_seconds, 0) as decimal(38, 12)),
                'denominator': cast(paid_seconds as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(activity_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': paid_seconds is not null and slice_type in ('all', 'site', 'vendor', 'team') and scope_type in ('all', 'site', 'vendor', 'team')
            },
            -- Occupancy
            {
                'metric_id': 'occupancy',
                'numerator': cast(coalesce(handling_seconds, 0) as decimal(38, 12)),
                'denominator': cast(productive_seconds as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(activity_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': productive_seconds is not null and slice_type in ('all', 'queue', 'site', 'vendor', 'team') and scope_type in ('all', 'queue', 'site', 'vendor', 'team')
            },
            -- Decisions by shift
            {
                'metric_id': 'shift_decisions',
                'numerator': cast(shift_decisions as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(shift_output_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': shift_decisions is not null and slice_type in ('all', 'queue', 'site', 'vendor') and scope_type in ('all', 'queue', 'site', 'vendor')
            },
            -- Shrinkage
            {
                'metric_id': 'shrinkage',
                'numerator': cast(coalesce(unavailable_seconds, 0) as decimal(38, 12)),
                'denominator': cast(paid_seconds as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(activity_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': paid_seconds is not null and slice_type in ('all', 'site', 'vendor', 'team') and scope_type in ('all', 'site', 'vendor', 'team')
            },
            -- Utilisation
            {
                'metric_id': 'utilisation',
                'numerator': cast(coalesce(productive_seconds, 0) as decimal(38, 12)),
                'denominator': cast(paid_seconds as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(activity_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': paid_seconds is not null and slice_type in ('all', 'site', 'vendor', 'team') and scope_type in ('all', 'site', 'vendor', 'team')
            },
            -- Wellness break compliance
            {
                'metric_id': 'wellness_break_compliance',
                'numerator': cast(coalesce(days_with_enough_breaks, 0) as decimal(38, 12)),
                'denominator': cast(days_with_break_limit as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(null as bigint),
                'people_at_least': cast(bit_count(wellbeing_people_bits) as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': days_with_break_limit is not null and slice_type in ('all', 'site', 'vendor', 'team') and scope_type in ('all', 'site', 'vendor', 'team')
            }
        ], recursive := true),
        period_start
    from periods
)

select
    metric_id,
    grain,
    scope_type,
    scope,
    slice_type,
    slice,
    numerator,
    denominator,
    sum_of_squares,
    n,
    people_at_least,
    not_estimable_reason,
    {{ batch() }} as _batch,
    period_start
from metrics
where is_present
