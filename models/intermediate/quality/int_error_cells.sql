{{ config(materialized='table', group='people', access='private') }}

-- Drawn audits of the last quarter of a year, by whose decision it was and what it was like; not by content type, which
-- the queue all but tells. Of a window, so that a run costs the same whatever the history.
with hired as (
    select
        people.person_key,
        min(roster.hired_on) as hired_on
    from {{ ref('int_roster') }} as roster
    inner join {{ ref('int_people') }} as people on roster.moderator_id = people.person_id
    group by people.person_key
),

audits as (
    select
        verdicts.moderator_key,
        verdicts.queue_id,
        verdicts.language,
        verdicts.site_id,
        case when verdicts.event_on - hired.hired_on < 90 then 'under 90 days' else '90 days and more' end as tenure,
        case when {{ iso_weekday('verdicts.event_on') }} >= 6 then 'weekend' else 'weekday' end as day_kind,
        verdicts.final_false_positives + verdicts.final_false_negatives as errors,
        verdicts.final_true_positives + verdicts.final_true_negatives
        + verdicts.final_false_positives + verdicts.final_false_negatives as audits
    from {{ ref('int_drawn_verdicts') }} as verdicts
    cross join {{ ref('int_as_of') }} as as_of
    inner join hired on verdicts.moderator_key = hired.person_key
    where
        verdicts.event_on >= as_of.as_of_day - 91
        and hired.hired_on is not null
        and verdicts.judged = 1
)

select
    moderator_key,
    queue_id,
    language,
    site_id,
    tenure,
    day_kind,
    cast(sum(errors) as bigint) as errors,
    cast(sum(audits) as bigint) as audits
from audits
group by moderator_key, queue_id, language, site_id, tenure, day_kind
having sum(audits) > 0
