{{ config(group='people', access='private') }}

select
    action_id,
    owner_key
from {{ ref('int_management_action_people') }}
