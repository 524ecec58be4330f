-- Sums of few people among them: for models and analyses of this project, not for BI.
{{ config(group='people', access='protected') }}

with series as (
    {% for group in ['efficiency', 'workforce', 'quality', 'appeals', 'exposure', 'support'] -%}
    select * exclude (_batch) from {{ ref('int_' ~ group ~ '_metrics') }}
    union all
    {% endfor -%}
    select * from {{ ref('int_rebuilt_metrics') }}
),

final as (
    select
        series.metric_id,
        series.grain,
        series.scope_type,
        series.scope,
        series.slice_type,
        series.slice,
        cast(series.numerator as decimal(38, 12)) as numerator,
        cast(series.denominator as decimal(38, 12)) as denominator,
        cast(series.sum_of_squares as decimal(38, 12)) as sum_of_squares,
        cast(series.n as bigint) as n,
        cast(series.people_at_least as bigint) as people_at_least,
        series.not_estimable_reason,
        {{ is_whole_period('series.period_start', later_period('series.grain', 'series.period_start'), 'metrics') }}
            as is_complete,
        series.period_start
    from series
    inner join {{ ref('int_metric_definitions') }} as metrics on series.metric_id = metrics.metric_id
    cross join {{ ref('int_calendar') }} as calendar
    -- A shift in the east is on a day that has not begun in the reporting time zone.
    where series.period_start <= calendar.last_begun_day or metrics.date_role <> 'shift'
)

select
    *,
    {{ build_id() }} as build_id
from final
