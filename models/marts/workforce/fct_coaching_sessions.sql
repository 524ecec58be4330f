{{ config(group='people', access='private') }}

with people as (
    select
        person_id,
        person_key
    from {{ ref('int_people') }}
)

select
    landed.coaching_id,
    people.person_key as moderator_key,
    coaches.person_key as coach_key,
    landed.coached_at,
    landed.topic,
    landed.root_cause_code
from {{ ref('stg_workforce__coaching_sessions') }} as landed
left join people on landed.moderator_id = people.person_id
left join people as coaches on landed.coach_id = coaches.person_id
