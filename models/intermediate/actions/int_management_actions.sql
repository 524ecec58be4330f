with landed as (
    select * from {{ ref('stg_actions__management_actions') }}
)

select
    landed.action_id,
    landed.candidate_id,
    landed.opened_at,
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
    landed.closed_at,
    coalesce({{ reporting_day('landed.closed_at') }} <= landed.due_on, false) as is_closed_on_time,
    landed.closed_at is null and landed.due_on < as_of.as_of_day as is_overdue,
    {{ reporting_day('landed.opened_at') }} as opened_on,
    {{ reporting_day('landed.closed_at') }} as closed_on,
    coalesce({{ reporting_day('landed.closed_at') }}, as_of.as_of_day) - {{ reporting_day('landed.opened_at') }}
        as days_open
from landed
cross join {{ ref('int_as_of') }} as as_of
