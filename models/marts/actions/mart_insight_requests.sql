with final as (
    select
        request_id,
        requester_department,
        question,
        metric,
        status,
        outcome,
        minimum_effect,
        planned_n,
        cast(days_open as bigint) as days_open,
        is_delivered_on_time,
        is_overdue,
        opened_on,
        due_on,
        delivered_on
    from {{ ref('int_insight_requests') }}
)

select
    *,
    {{ build_id() }} as build_id
from final
