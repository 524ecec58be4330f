{{ config(group='people', access='private') }}

select
    coaching_id,
    moderator_key,
    coach_key,
    coached_at,
    topic,
    root_cause_code
from {{ ref('int_coaching_sessions') }}
