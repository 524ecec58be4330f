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

metrics as (
    -- CSAT
    select
        'csat' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(headline_satisfied, 0) as numerator,
        headline_answered as denominator,
        null as sum_of_squares,
        headline_answered as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        headline_answered is not null
        and slice_type in ('all', 'support_group', 'channel', 'priority')
        and scope_type in ('all', 'support_group', 'channel', 'priority')
    union all
    -- CSAT by instrument
    select
        'csat_by_instrument' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(satisfied_answers, 0) as numerator,
        satisfaction_answered as denominator,
        null as sum_of_squares,
        satisfaction_answered as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        satisfaction_answered is not null
        and slice_type in ('all', 'instrument')
        and scope_type in ('all', 'instrument')
    union all
    -- CSAT response rate
    select
        'csat_response_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(headline_answered, 0) as numerator,
        headline_asked as denominator,
        null as sum_of_squares,
        headline_asked as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        headline_asked is not null
        and slice_type in ('all', 'support_group', 'channel', 'priority')
        and scope_type in ('all', 'support_group', 'channel', 'priority')
    union all
    -- CSAT response rate by instrument
    select
        'csat_response_rate_by_instrument' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(satisfaction_answered, 0) as numerator,
        satisfaction_asked as denominator,
        null as sum_of_squares,
        satisfaction_asked as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        satisfaction_asked is not null
        and slice_type in ('all', 'instrument')
        and scope_type in ('all', 'instrument')
    union all
    -- One-touch rate
    select
        'one_touch_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(one_touch_tickets, 0) as numerator,
        solved_with_replies as denominator,
        null as sum_of_squares,
        solved_with_replies as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        solved_with_replies is not null
        and slice_type in ('all', 'support_group', 'channel', 'priority')
        and scope_type in ('all', 'support_group', 'channel', 'priority')
    union all
    -- Reopen rate
    select
        'reopen_rate' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        coalesce(tickets_reopened, 0) as numerator,
        tickets_solved as denominator,
        null as sum_of_squares,
        tickets_solved as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from periods
    where
        tickets_solved is not null
        and slice_type in ('all', 'support_group', 'channel', 'priority')
        and scope_type in ('all', 'support_group', 'channel', 'priority')
    union all
    -- First reply time, 50 %
    select
        'first_reply_time_p50' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        first_reply_time_p50 as numerator,
        null as denominator,
        null as sum_of_squares,
        row_count as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from ticket_duration_histogram_1_quantiles
    where
        first_reply_time_p50 is not null
        and slice_type in ('all', 'support_group', 'channel', 'priority')
        and scope_type in ('all', 'support_group', 'channel', 'priority')
    union all
    -- Full resolution time, 50 %
    select
        'full_resolution_time_p50' as metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        full_resolution_time_p50 as numerator,
        null as denominator,
        null as sum_of_squares,
        row_count as n,
        null as people_at_least,
        null as not_estimable_reason,
        period_start
    from ticket_duration_histogram_2_quantiles
    where
        full_resolution_time_p50 is not null
        and slice_type in ('all', 'support_group', 'channel', 'priority')
        and scope_type in ('all', 'support_group', 'channel', 'priority')
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
