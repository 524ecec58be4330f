{{ config(materialized='table', group='people', access='private') }}

-- What drawn audits of the last quarter of a year first found, by whose decision it was and what it was like; not by
-- content type, which the queue all but tells. Before disputes: who disputes nothing would look worse than who disputes
-- everything. Of a window, so that a run costs the same whatever the history.
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
        verdicts.initial_true_negatives + verdicts.initial_false_negatives as approvals,
        verdicts.initial_false_positive_weight + verdicts.initial_false_negative_weight as error_weight,
        verdicts.initial_true_positive_weight + verdicts.initial_true_negative_weight
        + verdicts.initial_false_positive_weight + verdicts.initial_false_negative_weight as weight
    from {{ ref('int_drawn_verdicts') }} as verdicts
    cross join {{ ref('int_as_of') }} as as_of
    inner join hired on verdicts.moderator_key = hired.person_key
    where
        verdicts.event_on >= as_of.as_of_day - 91
        and hired.hired_on is not null
)

select
    moderator_key,
    queue_id,
    language,
    site_id,
    tenure,
    day_kind,
    count(*) as audits,
    cast(sum(approvals) as bigint) as approvals,
    cast(sum(error_weight) as decimal(28, 6)) as error_weight,
    cast(sum(weight) as decimal(28, 6)) as weight
from audits
where weight > 0
group by moderator_key, queue_id, language, site_id, tenure, day_kind
