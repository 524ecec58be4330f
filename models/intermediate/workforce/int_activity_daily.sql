{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

select
    queue_id,
    site_id,
    vendor_id,
    team_id,
    role,
    cast(count(distinct moderator_key) as bigint) as moderators,
    -- Who is on leave is in no figure of how time was used.
    {{ union_of_people(person_bit('moderator_key')) }} filter (
        where handling_seconds + idle_seconds > 0
    ) as people_bits,
    cast(sum(scheduled_seconds) as decimal(28, 3)) as scheduled_seconds,
    cast(sum(paid_seconds) as decimal(28, 3)) as paid_seconds,
    cast(sum(handling_seconds) as decimal(28, 3)) as handling_seconds,
    cast(sum(idle_seconds) as decimal(28, 3)) as idle_seconds,
    cast(sum(training_seconds) as decimal(28, 3)) as training_seconds,
    cast(sum(meeting_seconds) as decimal(28, 3)) as meeting_seconds,
    cast(sum(break_seconds) as decimal(28, 3)) as break_seconds,
    cast(sum(wellness_seconds) as decimal(28, 3)) as wellness_seconds,
    cast(sum(system_down_seconds) as decimal(28, 3)) as system_down_seconds,
    cast(sum(planned_leave_seconds) as decimal(28, 3)) as planned_leave_seconds,
    cast(sum(unplanned_absence_seconds) as decimal(28, 3)) as unplanned_absence_seconds,
    event_on,
    {{ batch() }} as _batch
from {{ ref('int_activity') }}
where {{ in_affected_days(ref('affected_activity_days')) }}
group by queue_id, site_id, vendor_id, team_id, role, event_on
