{{ config(materialized='table') }}

-- People on the roster by day, and those whose last day it was. As many rows as teams and days: rebuilt.
with days as (
    select cast({{ days_between('first_day', 'last_day - 1') }} as date) as reporting_on from {{ ref('int_calendar') }}
),

-- Of an end that is told after it, the row in force on the last day knows nothing. Who comes back is hired anew.
ends as (
    select
        moderator_id,
        hired_on,
        {{ value_at_max('left_on', 'valid_from') }} as left_on
    from {{ ref('int_roster') }}
    group by moderator_id, hired_on
)

select
    roster.site_id,
    roster.vendor_id,
    roster.team_id,
    count(*) as headcount,
    count(*) filter (where ends.left_on = days.reporting_on) as leavers,
    {{ union_of_people(person_bit('roster.moderator_id')) }} as people_bits,
    days.reporting_on
from {{ ref('int_roster') }} as roster
inner join ends on roster.moderator_id = ends.moderator_id and roster.hired_on = ends.hired_on
inner join days
    on
        roster.valid_from <= days.reporting_on
        and roster.valid_to >= days.reporting_on
        and roster.hired_on <= days.reporting_on
        and coalesce(ends.left_on, {{ forever() }}) >= days.reporting_on
group by roster.site_id, roster.vendor_id, roster.team_id, days.reporting_on
