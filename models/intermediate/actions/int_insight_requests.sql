select
    requests.request_id,
    requests.requester_department,
    requests.question,
    requests.metric,
    requests.status,
    requests.outcome,
    requests.minimum_effect,
    requests.planned_n,
    coalesce({{ reporting_day('requests.delivered_at') }}, as_of.as_of_day) - {{ reporting_day('requests.opened_at') }}
        as days_open,
    coalesce({{ reporting_day('requests.delivered_at') }} <= requests.due_on, false) as is_delivered_on_time,
    requests.delivered_at is null and requests.due_on < as_of.as_of_day as is_overdue,
    {{ reporting_day('requests.opened_at') }} as opened_on,
    requests.due_on,
    {{ reporting_day('requests.delivered_at') }} as delivered_on
from {{ ref('stg_actions__insight_requests') }} as requests
cross join {{ ref('int_as_of') }} as as_of
