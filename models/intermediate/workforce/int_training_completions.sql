{{ config(group='people', access='private') }}

with landed as (
    select * from {{ ref('stg_workforce__training_completions') }}
),

people as (
    select
        person_id,
        person_key
    from {{ ref('int_people') }}
)

select
    people.person_key as moderator_key,
    landed.module,
    landed.completed_at,
    landed.policy_version,
    landed.score
from landed
left join people on landed.moderator_id = people.person_id
