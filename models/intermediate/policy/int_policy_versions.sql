-- The seed with its open ends closed, so that one as-of join serves every event.
select
    policy_code,
    policy_version,
    policy_name,
    policy_group,
    dsa_category,
    severity_weight,
    valid_from,
    coalesce(valid_to, {{ forever() }}) as valid_to
from {{ ref('policies') }}
