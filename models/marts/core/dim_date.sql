{{ config(materialized='table') }}

-- From the first day on which anything happened to the day that is known up to, at least one.
with bounds as (
    select
        coalesce(min(days.event_on), cast(max(as_of.as_of_day) as date)) as first_day,
        cast(max(as_of.as_of_day) as date) as last_day
    from {{ ref('int_as_of') }} as as_of
    left join (
        select event_on from {{ ref('log_moderation__tasks') }}
        where status <> 'quarantined'
        union all
        select event_on from {{ ref('log_moderation__decisions') }}
        where status <> 'quarantined'
        union all
        select event_on from {{ ref('log_support__ticket') }}
        where status <> 'quarantined'
    ) as days on true
),

days as (
    select cast({{ days_between('first_day', 'last_day') }} as date) as calendar_on from bounds
)

select
    calendar_on,
    cast(date_trunc('week', calendar_on) as date) as week_starting_on,
    cast(date_trunc('month', calendar_on) as date) as month_starting_on,
    cast(date_trunc('quarter', calendar_on) as date) as quarter_starting_on,
    cast({{ iso_weekday('calendar_on') }} as bigint) as iso_weekday,
    {{ iso_weekday('calendar_on') }} in (6, 7) as is_weekend
from days
