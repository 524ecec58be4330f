{{ config(materialized='table') }}

select
    policy_code,
    policy_version,
    policy_name,
    policy_group,
    dsa_category,
    severity_weight,
    valid_from,
    valid_to
from {{ ref('int_policy_versions') }}
union all
select
    member.policy_code,
    '(unmapped)' as policy_version,
    member.policy_code as policy_name,
    cast(null as varchar),
    cast(null as varchar),
    cast(null as bigint),
    date '0001-01-01',
    {{ forever() }}
from (
    select '(unmapped)' as policy_code
    union all
    select '(none)'
) as member
