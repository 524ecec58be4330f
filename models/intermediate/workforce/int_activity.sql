with activity as (
    select * from {{ ref('stg_workforce__activity') }}
),

roster as (
    select * from {{ ref('int_roster') }}
),

people as (
    select
        person_id,
        person_key
    from {{ ref('int_people') }}
),

queues as (
    select distinct queue_id from {{ ref('queues') }}
),

final as (
    select
        people.person_key as moderator_key,
        coalesce(queues.queue_id, '(unmapped)') as queue_id,
        coalesce(placed.site_id, '(unmapped)') as site_id,
        coalesce(placed.vendor_id, '(unmapped)') as vendor_id,
        coalesce(placed.team_id, '(unmapped)') as team_id,
        coalesce(placed.role, '(unmapped)') as role,
        activity.scheduled_seconds,
        activity.paid_seconds,
        activity.handling_seconds,
        activity.idle_seconds,
        activity.training_seconds,
        activity.meeting_seconds,
        activity.break_seconds,
        activity.wellness_seconds,
        activity.system_down_seconds,
        activity.planned_leave_seconds,
        activity.unplanned_absence_seconds,
        activity.is_parts_do_not_sum as has_parts_that_do_not_sum,
        activity.activity_on,
        activity.event_on
    from activity
    left join people on activity.moderator_id = people.person_id
    left join queues on activity.queue_id = queues.queue_id
    {{ as_of_join('roster', 'placed', 'activity.moderator_id = placed.moderator_id', 'activity.event_on') }}
)

select * from final
