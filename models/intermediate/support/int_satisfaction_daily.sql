-- Ratings of tickets and answers to surveys by the day of asking, whenever a rating last changed. Satisfied is
-- four fifths of a scale or above: 4 and 5 of 5.
with latest_ratings as (
    select
        id,
        {{ value_at_max('ticket_id', 'updated_at') }} as ticket_id,
        {{ value_at_max('score', 'updated_at') }} as score,
        {{ value_at_max('created_at', 'updated_at') }} as created_at
    from {{ ref('stg_support__satisfaction_rating') }}
    group by id
),

ratings as (
    select
        ticket_id,
        score is not null as is_answered,
        coalesce(score = 1, false) as is_satisfied,
        {{ reporting_day('created_at') }} as event_on
    from latest_ratings
),

surveys as (
    select
        ticket_id,
        answered_at is not null and score is not null as is_answered,
        coalesce(score >= 0.8 * scale_max, false) as is_satisfied,
        event_on
    from {{ ref('stg_support__survey_responses') }}
),

asked as (
    select * from ratings
    union all
    select * from surveys
),

placed as (
    select
        coalesce(tickets.group_id, '(none)') as group_id,
        coalesce(tickets.channel, '(none)') as channel,
        coalesce(tickets.priority, '(none)') as priority,
        asked.is_answered,
        asked.is_satisfied,
        asked.event_on
    from asked
    left join {{ ref('int_tickets') }} as tickets on asked.ticket_id = tickets.ticket_id
)

select
    group_id,
    channel,
    priority,
    count(*) as satisfaction_asked,
    count(*) filter (where is_answered) as satisfaction_answered,
    count(*) filter (where is_answered and is_satisfied) as satisfied_answers,
    event_on as reporting_on
from placed
group by group_id, channel, priority, event_on
