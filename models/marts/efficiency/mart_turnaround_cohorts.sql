{%- set quantiles = {'p50': 0.5, 'p90': 0.9, 'p95': 0.95} %}

{{ config(materialized='table') }}

-- What still waits has waited at least since the end of its day. With that it stands among the others: a percentile so
-- read holds whatever will become of it. Put last instead, it gives the percentile if none of it were ever decided.
-- Where both are the same, the percentile is known.
with waiting as (
    select
        flows.queue_id,
        flows.tasks as row_count,
        {{ histogram_bucket('(as_of.as_of_day - flows.event_on - 1) * 86400') }} as bucket,
        cast(date_trunc('week', flows.event_on) as date) as week_starting_on
    from {{ ref('int_backlog_flows') }} as flows
    cross join {{ ref('int_as_of') }} as as_of
    where flows.ended_on is null
),

placed as (
    {% for bound in ['least', 'most'] -%}
    select
        '{{ bound }}' as bound,
        queue_id,
        bucket,
        row_count,
        0 as open_tasks,
        week_starting_on
    from {{ ref('int_turnaround_cohorts') }}
    union all
    select
        '{{ bound }}',
        queue_id,
        {{ 'bucket' if bound == 'least' else histogram_endless() }},
        row_count,
        row_count,
        week_starting_on
    from waiting
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (
    select
        bound,
        queue_id,
        bucket,
        sum(row_count) as row_count,
        week_starting_on
    from placed
    group by bound, queue_id, bucket, week_starting_on
),

bounds as (
    {{ histogram_quantiles('counted', ['bound', 'queue_id', 'week_starting_on'], quantiles) }}
),

still_open as (
    select
        queue_id,
        sum(open_tasks) as open_tasks,
        week_starting_on
    from placed
    where bound = 'least'
    group by queue_id, week_starting_on
),

final as (
    select
        known.queue_id,
        cast(known.row_count as bigint) as tasks,
        cast(still_open.open_tasks as bigint) as open_tasks,
        cast(still_open.open_tasks as double) / cast(known.row_count as double) as open_share,
        {%- for name in quantiles %}
        cast(known.{{ name }} as double) as turnaround_{{ name }}_seconds,
        {%- endfor %}
        {%- for name in quantiles %}
        most.{{ name }} > known.{{ name }} as is_{{ name }}_at_least,
        {%- endfor %}
        known.week_starting_on
    from bounds as known
    inner join bounds as most
        on known.queue_id = most.queue_id and known.week_starting_on = most.week_starting_on
    inner join still_open
        on known.queue_id = still_open.queue_id and known.week_starting_on = still_open.week_starting_on
    where known.bound = 'least' and most.bound = 'most'
)

select
    *,
    {{ build_id() }} as build_id
from final
