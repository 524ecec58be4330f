{{ config(group='people', access='private') }}

select
    decision_id,
    moderator_key,
    event_on as decided_on
from {{ ref('int_decision_people') }}
