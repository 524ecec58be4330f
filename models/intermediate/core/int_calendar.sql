{{ config(materialized='table') }}

-- From the first day on which anything happened to the day that is known up to, at least one. What landed may be of
-- later days: under the day of an earlier folder, by a clock that is ahead, or as of an earlier day.
select
    coalesce(min(days.event_on), cast(max(as_of.as_of_day) as date)) as first_day,
    cast(max(as_of.as_of_day) as date) as last_day,
    {{ reporting_day('max(as_of.as_of) - interval 1 microsecond') }} as last_begun_day,
    greatest(max(as_of.as_of_day), coalesce(max(days.event_on), max(as_of.as_of_day))) as last_event_day,
    min(claims.first_claim_day) as first_claim_day
from {{ ref('int_as_of') }} as as_of
cross join (
    select min(event_on) as first_claim_day from {{ landed_log('moderation', 'task_claims') }}
    where status <> 'quarantined'
) as claims
left join (
    select event_on from {{ ref('log_moderation__tasks') }}
    where status <> 'quarantined'
    union all
    select event_on from {{ ref('log_moderation__decisions') }}
    where status <> 'quarantined'
    union all
    select event_on from {{ landed_log('support', 'ticket') }}
    where status <> 'quarantined'
) as days on true
