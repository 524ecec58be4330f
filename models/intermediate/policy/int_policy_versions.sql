-- The seed with its open ends closed and overlaps cut where the next version begins: one as-of join serves every event.
select
    policy_code,
    policy_version,
    policy_name,
    policy_group,
    dsa_category,
    severity_weight,
    valid_from,
    {{ last_valid_day('policy_code') }} as valid_to
from {{ ref('policies') }}
