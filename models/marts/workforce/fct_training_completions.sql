{{ config(group='people', access='private') }}

select
    moderator_key,
    module,
    completed_at,
    policy_version,
    score
from {{ ref('int_training_completions') }}
