-- Ratings of tickets and answers to surveys by the day of asking, whenever a rating last changed. Satisfied is the upper fifth of a scale: 4, 5 of 5.
with ratings as (
    select
        ticket_id,
        true as is_answered,
        score = 1 as is_satisfied,
        {{ reporting_day('created_at') }} as event_on
    from (
        select
            *,
            row_number() over (partition by id order by updated_at desc) as place
        from {{ ref('stg_support__satisfaction_rating') }}
    ) as versions
    where place = 1
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
