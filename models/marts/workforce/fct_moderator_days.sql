{{ config(group='people', access='private') }}

select
    coalesce(moderator_key, '(unmapped)') as moderator_key,
    queue_id,
    site_id,
    vendor_id,
    team_id,
    role,
    scheduled_seconds,
    paid_seconds,
    handling_seconds,
    idle_seconds,
    training_seconds,
    meeting_seconds,
    break_seconds,
    wellness_seconds,
    system_down_seconds,
    planned_leave_seconds,
    unplanned_absence_seconds,
    has_parts_that_do_not_sum,
    activity_on
from {{ ref('int_activity') }}
