-- Of decisions whose window of appeals is over.
select
    appeals.appeal_id,
    appeals.decision_id,
    appeals.queue_id,
    appeals.policy_code,
    appeals.market,
    appeals.language,
    appeals.outcome,
    appeals.resolution_seconds,
    appeals.event_on
from {{ ref('int_appeals') }} as appeals
cross join {{ ref('int_as_of') }} as as_of
where appeals.is_in_cohort and {{ is_window_over('appeals.event_on') }}
