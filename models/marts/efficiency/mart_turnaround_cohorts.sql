-- Over 120 lines: bounds of percentiles while tasks still wait, each with its reason.
{%- set quantiles = {'p50': 0.5, 'p90': 0.9, 'p95': 0.95} %}

{{ config(materialized='table') }}

-- An undecided task has waited until it expired, or until as_of. With that it stands among the others: a percentile so
-- read holds however long the task would take. Put last instead, undecided tasks give the percentile if none of them
-- were ever decided. Where both are the same within a twentieth, which one or two tasks may move, the percentile is
-- known.
with undecided as (
    select
        tasks.queue_id,
        1 as row_count,
        case when tasks.is_expired then 0 else 1 end as open_tasks,
        case when tasks.is_expired then 1 else 0 end as expired_tasks,
        {{ histogram_bucket(seconds_between('tasks.enqueued_at', 'coalesce(tasks.ended_at, as_of.as_of)')) }} as bucket,
        cast(date_trunc('week', tasks.event_on) as date) as week_starting_on
    from {{ ref('int_undecided_tasks') }} as tasks
    cross join {{ ref('int_as_of') }} as as_of
),

placed as (
    {% for bound in ['least', 'most'] -%}
    select
        '{{ bound }}' as bound,
        queue_id,
        bucket,
        row_count,
        0 as open_tasks,
        0 as expired_tasks,
        week_starting_on
    from {{ ref('int_turnaround_cohorts') }}
    union all
    select
        '{{ bound }}',
        queue_id,
        {{ 'bucket' if bound == 'least' else histogram_endless() }},
        row_count,
        open_tasks,
        expired_tasks,
        week_starting_on
    from undecided
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

not_decided as (
    select
        queue_id,
        sum(open_tasks) as open_tasks,
        sum(expired_tasks) as expired_tasks,
        week_starting_on
    from placed
    where bound = 'least'
    group by queue_id, week_starting_on
),

-- With what was deleted or merged, or is said to be decided by a decision that has not landed.
received as (
    select
        queue_id,
        sum(tasks) as tasks,
        sum(case when is_decided then tasks else 0 end) as decided_tasks,
        sum(case when ended_on is not null and not is_decided and not is_expired then tasks else 0 end) as left_tasks,
        cast(date_trunc('week', event_on) as date) as week_starting_on
    from {{ ref('int_backlog_flows') }}
    group by queue_id, week_starting_on
),

-- People who decided in the queue in that week. Where nobody did, the figures describe no person.
deciders as (
    select
        slice as queue_id,
        {{ people_at_least(union_of_people('decisions_people_bits')) }} not between 1
        and {{ var('minimum_people') }} - 1 as is_shown,
        cast(date_trunc('week', reporting_on) as date) as week_starting_on
    from {{ ref('int_efficiency_slices') }}
    where scope_type = 'all' and slice_type = 'queue'
    group by slice, week_starting_on
),

cohorts as (
    select
        known.queue_id,
        coalesce(deciders.is_shown, true) as is_shown,
        received.tasks as tasks_received,
        known.row_count as tasks,
        received.decided_tasks,
        not_decided.open_tasks,
        not_decided.expired_tasks,
        received.left_tasks,
        {%- for name in quantiles %}
        known.{{ name }},
        most.{{ name }} as most_{{ name }},
        {%- endfor %}
        known.week_starting_on
    from bounds as known
    inner join bounds as most
        on known.queue_id = most.queue_id and known.week_starting_on = most.week_starting_on
    inner join not_decided
        on known.queue_id = not_decided.queue_id and known.week_starting_on = not_decided.week_starting_on
    inner join received
        on known.queue_id = received.queue_id and known.week_starting_on = received.week_starting_on
    left join deciders
        on known.queue_id = deciders.queue_id and known.week_starting_on = deciders.week_starting_on
    where known.bound = 'least' and most.bound = 'most'
),

final as (
    select
        queue_id,
        cast(tasks_received as bigint) as tasks_received,
        {%- for name in ['tasks', 'decided_tasks', 'open_tasks', 'expired_tasks', 'left_tasks'] %}
        cast(case when is_shown then {{ name }} end as bigint) as {{ name }},
        {%- endfor %}
        case when is_shown then cast(open_tasks as double) / cast(tasks as double) end as open_share,
        {%- for name in quantiles %}
        cast(case when is_shown then {{ name }} end as double) as turnaround_{{ name }}_seconds,
        {%- endfor %}
        {%- for name in quantiles %}
        case when is_shown then most_{{ name }} > 1.05 * {{ name }} end as is_{{ name }}_at_least,
        {%- endfor %}
        week_starting_on
    from cohorts
)

select
    *,
    {{ build_id() }} as build_id
from final
