{{ config(materialized='incremental', incremental_strategy='insert_overwrite') }}

{{ require_caught_up(ref('log_former_task_days'), ref('affected_task_days')) }}

-- Kept under the day of enqueueing, as turnaround is.
with tasks as (
    select * from {{ ref('int_tasks') }}
    where first_claimed_on is not null and is_production and {{ in_affected_days(ref('affected_task_days')) }}
),

waits as (
    {% for claim in ['first', 'last'] -%}
    select
        '{{ claim }}' as claim,
        queue_id,
        market,
        language,
        {{ claim }}_claim_wait_seconds as wait_seconds,
        people_bits,
        event_on,
        {{ claim }}_claimed_on as claimed_on
    from tasks
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    claim,
    queue_id,
    market,
    language,
    {{ histogram_bucket('wait_seconds') }} as bucket,
    count(*) as row_count,
    {{ union_of_people('people_bits') }} as people_bits,
    event_on,
    claimed_on,
    {{ batch() }} as _batch
from waits
group by claim, queue_id, market, language, bucket, event_on, claimed_on
