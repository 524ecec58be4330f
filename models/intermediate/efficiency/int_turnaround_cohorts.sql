{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'day': 'week_starting_on', 'grain': 'week'},
) }}

-- By the week in which tasks came in: what there was to decide, not what was decided.
select
    queue_id,
    bucket,
    cast(sum(row_count) as bigint) as row_count,
    cast(date_trunc('week', event_on) as date) as week_starting_on,
    {{ batch() }} as _batch
from {{ ref('int_turnaround_histogram') }}
where {{ in_affected_days(ref('affected_task_days')) }}
group by queue_id, bucket, week_starting_on
