{{ config(group='people', access='private') }}

select
    landed.action_id,
    people.person_key as owner_key
from {{ ref('stg_actions__management_actions') }} as landed
left join {{ ref('int_people') }} as people on landed.owner = people.person_id
