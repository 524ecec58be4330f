-- A day counts once it is over: what is due later today is neither met nor missed.
select
    tasks.queue_id,
    tasks.suspected_policy_code,
    tasks.market,
    tasks.language,
    tasks.site_id,
    tasks.vendor_id,
    tasks.tasks_due,
    tasks.tasks_attained,
    tasks.tasks_due_with_claims,
    tasks.tasks_first_claimed_in_time,
    tasks.tasks_last_claimed_in_time,
    tasks.due_people_bits,
    tasks.due_with_claims_people_bits,
    tasks.event_on,
    tasks.due_on
from {{ ref('int_tasks_daily') }} as tasks
cross join {{ ref('int_as_of') }} as as_of
where tasks.due_on < as_of.as_of_day
