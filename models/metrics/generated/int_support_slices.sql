{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'areas': ['support'], 'day': 'reporting_on'},
) }}

-- Written by `plumbline metrics --write` from models/semantic: change it there. Lines are as long as the definitions'.
-- noqa: disable=LT05
with
-- Requests for satisfaction and their answers by the day of asking, of the instrument that csat_instrument names and of
-- each.
satisfaction_cells as (
    select
        coalesce(group_id, '(none)') as support_group,
        coalesce(channel, '(none)') as channel,
        coalesce(priority, '(none)') as priority,
        coalesce(instrument, '(none)') as instrument,
        sum(case when is_headline then satisfaction_asked else 0 end) as headline_asked,
        sum(case when is_headline then satisfaction_answered else 0 end) as headline_answered,
        sum(case when is_headline then satisfied_answers else 0 end) as headline_satisfied,
        sum(satisfaction_asked) as satisfaction_asked,
        sum(satisfaction_answered) as satisfaction_answered,
        sum(satisfied_answers) as satisfied_answers,
        reporting_on
    from {{ ref('int_satisfaction_daily') }}
    where
        reporting_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['support'], 'reporting_on') }}
    group by all
),

satisfaction_split as (
    select
        reporting_on,
        case
            when grouping(support_group) = 0 then 'support_group'
            when grouping(channel) = 0 then 'channel'
            when grouping(priority) = 0 then 'priority'
            when grouping(instrument) = 0 then 'instrument'
            else 'all'
        end as slice_type,
        coalesce(support_group, channel, priority, instrument, 'all') as slice,
        sum(headline_asked) as headline_asked,
        sum(headline_answered) as headline_answered,
        sum(headline_satisfied) as headline_satisfied,
        sum(satisfaction_asked) as satisfaction_asked,
        sum(satisfaction_answered) as satisfaction_answered,
        sum(satisfied_answers) as satisfied_answers
    from satisfaction_cells
    group by {{ each_slice(['reporting_on'], ['support_group', 'channel', 'priority', 'instrument']) }}  -- noqa: PRS
),

satisfaction_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from satisfaction_split
),

-- Support tickets by the day of what is counted.
tickets_cells as (
    select
        coalesce(group_id, '(none)') as support_group,
        coalesce(channel, '(none)') as channel,
        coalesce(priority, '(none)') as priority,
        sum(tickets_solved) as tickets_solved,
        sum(tickets_reopened) as tickets_reopened,
        sum(solved_with_replies) as solved_with_replies,
        sum(one_touch_tickets) as one_touch_tickets,
        reporting_on
    from {{ ref('int_tickets_daily') }}
    where
        reporting_on is not null
        and {{ in_days_of_areas(ref('affected_metric_days'), ['support'], 'reporting_on') }}
    group by all
),

tickets_split as (
    select
        reporting_on,
        case
            when grouping(support_group) = 0 then 'support_group'
            when grouping(channel) = 0 then 'channel'
            when grouping(priority) = 0 then 'priority'
            else 'all'
        end as slice_type,
        coalesce(support_group, channel, priority, 'all') as slice,
        sum(tickets_solved) as tickets_solved,
        sum(tickets_reopened) as tickets_reopened,
        sum(solved_with_replies) as solved_with_replies,
        sum(one_touch_tickets) as one_touch_tickets
    from tickets_cells
    group by {{ each_slice(['reporting_on'], ['support_group', 'channel', 'priority']) }}  -- noqa: PRS
),

tickets_scoped as (
    select
        *,
        'all' as scope_type,
        'all' as scope
    from tickets_split
),

united as (
    select * from satisfaction_scoped
    union all by name
    select * from tickets_scoped
)

select
    scope_type,
    scope,
    slice_type,
    slice,
    cast(sum(headline_asked) as decimal(38, 12)) as headline_asked,
    cast(sum(headline_answered) as decimal(38, 12)) as headline_answered,
    cast(sum(headline_satisfied) as decimal(38, 12)) as headline_satisfied,
    cast(sum(satisfaction_asked) as decimal(38, 12)) as satisfaction_asked,
    cast(sum(satisfaction_answered) as decimal(38, 12)) as satisfaction_answered,
    cast(sum(satisfied_answers) as decimal(38, 12)) as satisfied_answers,
    cast(sum(tickets_solved) as decimal(38, 12)) as tickets_solved,
    cast(sum(tickets_reopened) as decimal(38, 12)) as tickets_reopened,
    cast(sum(solved_with_replies) as decimal(38, 12)) as solved_with_replies,
    cast(sum(one_touch_tickets) as decimal(38, 12)) as one_touch_tickets,
    {{ batch() }} as _batch,
    reporting_on
from united
group by all
