{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

{{ require_caught_up(ref('log_former_task_days'), ref('affected_task_days')) }}

with tasks as (
    select * from {{ ref('int_tasks') }}
    where {{ in_affected_days(ref('affected_task_days')) }}
)

select
    queue_id,
    suspected_policy_code,
    market,
    language,
    answerable_site_id as site_id,
    answerable_vendor_id as vendor_id,
    count(*) as tasks_received,
    count(*) filter (where touches > 0) as tasks_touched,
    count(*) filter (where decided_at is not null) as tasks_decided,
    count(*) filter (where due_at is not null and not is_withdrawn) as tasks_due,
    count(*) filter (where is_sla_attained and not is_withdrawn) as tasks_attained,
    count(*) filter (where due_at is not null and not is_withdrawn and has_known_claims) as tasks_due_with_claims,
    count(*) filter (
        where is_first_claim_in_time and not is_withdrawn and has_known_claims
    ) as tasks_first_claimed_in_time,
    count(*) filter (
        where is_last_claim_in_time and not is_withdrawn and has_known_claims
    ) as tasks_last_claimed_in_time,
    count(*) filter (where is_open) as tasks_open,
    count(*) filter (where close_reason = 'expired') as tasks_expired,
    cast(sum(touches) as bigint) as touches,
    -- A person counts for a figure only by tasks that the figure counts.
    {{ union_of_people('people_bits') }} filter (where touches > 0) as people_bits,
    {{ union_of_people('people_bits') }} filter (where due_at is not null and not is_withdrawn) as due_people_bits,
    {{ union_of_people('people_bits') }} filter (
        where due_at is not null and not is_withdrawn and has_known_claims
    ) as due_with_claims_people_bits,
    event_on,
    due_on,
    {{ batch() }} as _batch
from tasks
where is_production
group by
    queue_id, suspected_policy_code, market, language, answerable_site_id, answerable_vendor_id, event_on, due_on
