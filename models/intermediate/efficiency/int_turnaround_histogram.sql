{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

{{ require_caught_up(ref('log_former_task_days'), ref('affected_task_days')) }}

-- Kept under the day of enqueueing, so that one roll-up serves turnaround by decision day and by cohort.
select
    queue_id,
    market,
    language,
    site_id,
    vendor_id,
    {{ histogram_bucket('turnaround_seconds') }} as bucket,
    count(*) as row_count,
    {{ union_of_people('people_bits') }} as people_bits,
    event_on,
    decided_on,
    {{ batch() }} as _batch
from {{ ref('int_tasks') }}
where decided_on is not null and is_production and {{ in_affected_days(ref('affected_task_days')) }}
group by queue_id, market, language, site_id, vendor_id, bucket, event_on, decided_on
