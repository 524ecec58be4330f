{{ config(meta={'owner': 'operations-analytics'}) }}

-- Returns cells and days whose backlog is not that of the day before, plus what came in, less what left. A day without
-- a row has no backlog.
with days as (
    select
        queue_id,
        market,
        language,
        reporting_on,
        sum(tasks_open) as tasks_open,
        sum(tasks_received) - sum(tasks_ended) as net_arrivals
    from {{ ref('int_backlog_daily') }}
    group by queue_id, market, language, reporting_on
),

beside as (
    select
        *,
        coalesce(lag(tasks_open) over in_order, 0) as open_before,
        coalesce(lag(reporting_on) over in_order = reporting_on - 1, false) as is_next_day
    from days
    window in_order as (partition by queue_id, market, language order by reporting_on)
)

select *
from beside
where tasks_open <> open_before + net_arrivals or (open_before > 0 and not is_next_day)
