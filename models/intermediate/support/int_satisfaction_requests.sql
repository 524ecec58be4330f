-- Ratings of tickets, each as it last was, and surveys, each question an instrument of its own. Satisfied is four
-- fifths of a scale or above: 4 and 5 of 5.
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
        'rating' as instrument,
        cast(id as varchar) as request_id,
        ticket_id,
        score is not null as is_answered,
        coalesce(score = 1, false) as is_satisfied,
        {{ reporting_day('created_at') }} as event_on
    from latest_ratings
),

surveys as (
    select
        'survey: ' || question as instrument,
        response_id as request_id,
        ticket_id,
        answered_at is not null and score is not null as is_answered,
        coalesce(score >= 0.8 * scale_max, false) as is_satisfied,
        event_on
    from {{ ref('stg_support__survey_responses') }}
),

united as (
    select * from ratings
    union all
    select * from surveys
)

select
    *,
    instrument = {{ literal(var('csat_instrument')) }} as is_headline
from united
