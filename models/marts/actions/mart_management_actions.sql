with final as (
    select
        action_id,
        candidate_id,
        department,
        kind,
        root_cause_code,
        metric,
        scope_queue_id,
        scope_policy_code,
        scope_market,
        scope_language,
        scope_site_id,
        scope_vendor_id,
        scope_team_id,
        status,
        expected_change,
        cast(days_open as bigint) as days_open,
        is_closed_on_time,
        is_overdue,
        opened_on,
        due_on,
        closed_on
    from {{ ref('int_management_actions') }}
)

select
    *,
    {{ build_id() }} as build_id
from final
