{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['support'], 'grain': 'period'},
) }}
{%- set affected = affected_periods(ref('affected_metric_days'), ['support']) %}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with days as (
    select * from {{ ref('int_support_slices') }}
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
        sum(headline_answered) as headline_answered,
        sum(headline_asked) as headline_asked,
        sum(headline_satisfied) as headline_satisfied,
        sum(one_touch_tickets) as one_touch_tickets,
        sum(satisfaction_answered) as satisfaction_answered,
        sum(satisfaction_asked) as satisfaction_asked,
        sum(satisfied_answers) as satisfied_answers,
        sum(solved_with_replies) as solved_with_replies,
        sum(tickets_reopened) as tickets_reopened,
        sum(tickets_solved) as tickets_solved,
        period_start
    from dated
    where {{ in_periods(affected) }}
    group by all
),

ticket_duration_histogram_1_cells as (
    select
        coalesce(group_id, '(none)') as support_group,
        coalesce(channel, '(none)') as channel,
        coalesce(priority, '(none)') as priority,
        bucket,
        sum(row_count) as row_count,
        -- Pieces that are each of one week and one month, and so of one quarter.
        greatest({{ period_start("'week'", 'reporting_on') }}, {{ period_start("'month'", 'reporting_on') }}) as piece_on
    from {{ ref('int_ticket_duration_histogram') }}
    where
        reporting_on is not null
        and row_count > 0
        and duration = 'first_reply'
        and {{ in_days_of_periods(affected, 'reporting_on') }}
    group by all
),

ticket_duration_histogram_1_split as (
    select
        bucket,
        piece_on,
        case
            when grouping(support_group) = 0 then 'support_group'
            when grouping(channel) = 0 then 'channel'
            when grouping(priority) = 0 then 'priority'
            else 'all'
        end as slice_type,
        coalesce(support_group, channel, priority, 'all') as slice,
        sum(row_count) as row_count
    from ticket_duration_histogram_1_cells
    group by {{ each_slice(['bucket', 'piece_on'], ['support_group', 'channel', 'priority']) }}  -- noqa: PRS
),

ticket_duration_histogram_1_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from ticket_duration_histogram_1_split
),

ticket_duration_histogram_1_dated as (
    select
        pieces.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'pieces.piece_on') }} as period_start
    from ticket_duration_histogram_1_scoped as pieces
    cross join ({{ grains(['week', 'month', 'quarter']) }}) as grains
),

ticket_duration_histogram_1_periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        period_start,
        bucket,
        sum(row_count) as row_count
    from ticket_duration_histogram_1_dated
    where {{ in_periods(affected) }}
    group by all
),

ticket_duration_histogram_1_quantiles as (
    {{ histogram_quantiles(
        'ticket_duration_histogram_1_periods', ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'], {'first_reply_time_p50': 0.5},
        is_value=false, people=none
    ) }}
),

ticket_duration_histogram_2_cells as (
    select
        coalesce(group_id, '(none)') as support_group,
        coalesce(channel, '(none)') as channel,
        coalesce(priority, '(none)') as priority,
        bucket,
        sum(row_count) as row_count,
        -- Pieces that are each of one week and one month, and so of one quarter.
        greatest({{ period_start("'week'", 'reporting_on') }}, {{ period_start("'month'", 'reporting_on') }}) as piece_on
    from {{ ref('int_ticket_duration_histogram') }}
    where
        reporting_on is not null
        and row_count > 0
        and duration = 'full_resolution'
        and {{ in_days_of_periods(affected, 'reporting_on') }}
    group by all
),

ticket_duration_histogram_2_split as (
    select
        bucket,
        piece_on,
        case
            when grouping(support_group) = 0 then 'support_group'
            when grouping(channel) = 0 then 'channel'
            when grouping(priority) = 0 then 'priority'
            else 'all'
        end as slice_type,
        coalesce(support_group, channel, priority, 'all') as slice,
        sum(row_count) as row_count
    from ticket_duration_histogram_2_cells
    group by {{ each_slice(['bucket', 'piece_on'], ['support_group', 'channel', 'priority']) }}  -- noqa: PRS
),

ticket_duration_histogram_2_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from ticket_duration_histogram_2_split
),

ticket_duration_histogram_2_dated as (
    select
        pieces.* exclude (piece_on),
        grains.grain,
        {{ period_start('grains.grain', 'pieces.piece_on') }} as period_start
    from ticket_duration_histogram_2_scoped as pieces
    cross join ({{ grains(['week', 'month', 'quarter']) }}) as grains
),

ticket_duration_histogram_2_periods as (
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        period_start,
        bucket,
        sum(row_count) as row_count
    from ticket_duration_histogram_2_dated
    where {{ in_periods(affected) }}
    group by all
),

ticket_duration_histogram_2_quantiles as (
    {{ histogram_quantiles(
        'ticket_duration_histogram_2_periods', ['grain', 'scope_type', 'scope', 'slice_type', 'slice', 'period_start'], {'full_resolution_time_p50': 0.5},
        is_value=false, people=none
    ) }}
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
            -- CSAT
            {
                'metric_id': 'csat',
                'numerator': cast(coalesce(headline_satisfied, 0) as decimal(38, 12)),
                'denominator': cast(headline_answered as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(headline_answered as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': headline_answered is not null and slice_type in ('all', 'support_group', 'channel', 'priority') and scope_type in ('all', 'support_group', 'channel', 'priority')
            },
            -- CSAT by instrument
            {
                'metric_id': 'csat_by_instrument',
                'numerator': cast(coalesce(satisfied_answers, 0) as decimal(38, 12)),
                'denominator': cast(satisfaction_answered as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(satisfaction_answered as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': satisfaction_answered is not null and slice_type in ('all', 'instrument') and scope_type in ('all', 'instrument')
            },
            -- CSAT response rate
            {
                'metric_id': 'csat_response_rate',
                'numerator': cast(coalesce(headline_answered, 0) as decimal(38, 12)),
                'denominator': cast(headline_asked as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(headline_asked as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': headline_asked is not null and slice_type in ('all', 'support_group', 'channel', 'priority') and scope_type in ('all', 'support_group', 'channel', 'priority')
            },
            -- CSAT response rate by instrument
            {
                'metric_id': 'csat_response_rate_by_instrument',
                'numerator': cast(coalesce(satisfaction_answered, 0) as decimal(38, 12)),
                'denominator': cast(satisfaction_asked as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(satisfaction_asked as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': satisfaction_asked is not null and slice_type in ('all', 'instrument') and scope_type in ('all', 'instrument')
            },
            -- One-touch rate
            {
                'metric_id': 'one_touch_rate',
                'numerator': cast(coalesce(one_touch_tickets, 0) as decimal(38, 12)),
                'denominator': cast(solved_with_replies as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(solved_with_replies as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': solved_with_replies is not null and slice_type in ('all', 'support_group', 'channel', 'priority') and scope_type in ('all', 'support_group', 'channel', 'priority')
            },
            -- Reopen rate
            {
                'metric_id': 'reopen_rate',
                'numerator': cast(coalesce(tickets_reopened, 0) as decimal(38, 12)),
                'denominator': cast(tickets_solved as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(tickets_solved as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': tickets_solved is not null and slice_type in ('all', 'support_group', 'channel', 'priority') and scope_type in ('all', 'support_group', 'channel', 'priority')
            }
        ], recursive := true),
        period_start
    from periods
    union all
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            -- First reply time, 50 %
            {
                'metric_id': 'first_reply_time_p50',
                'numerator': cast(first_reply_time_p50 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': first_reply_time_p50 is not null and slice_type in ('all', 'support_group', 'channel', 'priority') and scope_type in ('all', 'support_group', 'channel', 'priority')
            }
        ], recursive := true),
        period_start
    from ticket_duration_histogram_1_quantiles
    union all
    select
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        unnest([
            -- Full resolution time, 50 %
            {
                'metric_id': 'full_resolution_time_p50',
                'numerator': cast(full_resolution_time_p50 as decimal(38, 12)),
                'denominator': cast(null as decimal(38, 12)),
                'sum_of_squares': cast(null as decimal(38, 12)),
                'n': cast(row_count as bigint),
                'people_at_least': cast(null as bigint),
                'not_estimable_reason': cast(null as varchar),
                'is_present': full_resolution_time_p50 is not null and slice_type in ('all', 'support_group', 'channel', 'priority') and scope_type in ('all', 'support_group', 'channel', 'priority')
            }
        ], recursive := true),
        period_start
    from ticket_duration_histogram_2_quantiles
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
