{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'day': 'reporting_on'},
) }}

with ages as (
    select
        *,
        sum(tasks_open) over (
            partition by reporting_on, queue_id, market, language order by age_days
            rows between unbounded preceding and current row
        ) as open_so_far,
        sum(tasks_open) over (partition by reporting_on, queue_id, market, language) as open_in_all
    from {{ ref('int_backlog_daily') }}
    where {{ in_affected_days(ref('affected_backlog_days'), 'reporting_on') }}
),

final as (
    select
        queue_id,
        market,
        language,
        cast(sum(tasks_received) as bigint) as tasks_received,
        cast(sum(tasks_ended) as bigint) as tasks_ended,
        cast(sum(tasks_open) as bigint) as backlog_open,
        cast(min(case when open_in_all > 0 and open_so_far >= ceil(0.9 * open_in_all) then age_days end) as bigint)
            as backlog_age_p90_days,
        reporting_on
    from ages
    group by queue_id, market, language, reporting_on
)

select
    *,
    {{ batch() }} as _batch,
    {{ build_id() }} as build_id
from final
