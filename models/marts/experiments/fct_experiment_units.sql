{{ config(group='people', access='private') }}

select
    landed.experiment_id,
    landed.unit_type,
    -- Only a moderator is a person; what else is assigned keeps its id.
    case when landed.unit_type = 'moderator' then people.person_key else landed.unit_id end as unit_key,
    landed.cluster_id,
    landed.variant,
    {{ landed_on('landed._file') }} as landed_on,
    landed.assigned_at
from {{ ref('stg_experiments__assignments') }} as landed
left join {{ ref('int_people') }} as people on landed.unit_type = 'moderator' and landed.unit_id = people.person_id
