{{ config(group='people', access='private') }}

with landed as (
    select * from {{ ref('stg_experiments__assignments') }}
),

people as (
    select
        person_id,
        person_key
    from {{ ref('int_people') }}
)

select
    landed.experiment_id,
    landed.unit_type,
    -- Only a moderator is a person; what else is assigned keeps its id.
    case when landed.unit_type = 'moderator' then people.person_key else landed.unit_id end as unit_key,
    landed.cluster_id,
    landed.variant,
    {{ landed_on('landed._file') }} as landed_on,
    landed.assigned_at
from landed
left join people on landed.unit_type = 'moderator' and landed.unit_id = people.person_id
