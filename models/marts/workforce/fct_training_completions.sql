{{ config(group='people', access='private') }}

select
    people.person_key as moderator_key,
    landed.module,
    landed.completed_at,
    landed.policy_version,
    landed.score
from {{ ref('stg_workforce__training_completions') }} as landed
left join {{ ref('int_people') }} as people on landed.moderator_id = people.person_id
