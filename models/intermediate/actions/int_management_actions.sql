with landed as (
    select * from {{ ref('stg_actions__management_actions') }}
),

people as (
    select
        person_id,
        person_key
    from {{ ref('int_people') }}
)

select
    landed.action_id,
    landed.candidate_id,
    landed.opened_at,
    people.person_key as owner_key,
    landed.department,
    landed.kind,
    landed.root_cause_code,
    landed.metric,
    landed.scope_queue_id,
    landed.scope_policy_code,
    landed.scope_market,
    landed.scope_language,
    landed.scope_site_id,
    landed.scope_vendor_id,
    landed.scope_team_id,
    landed.expected_change,
    landed.started_at,
    landed.due_on,
    landed.status,
    landed.closed_at
from landed
left join people on landed.owner = people.person_id
