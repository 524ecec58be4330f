-- Of decisions whose window of appeals is over.
select
    histogram.queue_id,
    histogram.policy_code,
    histogram.market,
    histogram.language,
    histogram.automation_level,
    histogram.bucket,
    histogram.row_count,
    histogram.event_on
from {{ ref('int_appeal_resolution_histogram') }} as histogram
cross join {{ ref('int_as_of') }} as as_of
where {{ is_window_over('histogram.event_on') }}
