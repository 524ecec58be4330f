select
    report_id,
    content_id,
    event_on as reported_on,
    reported_at,
    notice_type,
    market,
    reason
from {{ ref('stg_moderation__user_reports') }}
