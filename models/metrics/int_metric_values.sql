{{ config(group='people', access='private') }}

-- Every figure before anything is withheld: what is summed, percentiles, and what Python infers, with their intervals.
{%- set cell = ['metric_id', 'grain', 'scope_type', 'scope', 'slice_type', 'slice'] %}

-- What statistics say of sums over sums.
with intervals as (
    select
        {{ cell | join(', ') }},
        lower,
        upper,
        not_estimable_reason,
        is_provisional,
        period_start
    from {{ ref('mart_quality_estimates') }}
    union all
    select
        {{ cell | join(', ') }},
        lower,
        upper,
        null as not_estimable_reason,
        null as is_provisional,
        period_start
    from {{ ref('mart_metric_intervals') }}
),

-- The metrics that are no sum over a sum.
inferred as (
    select
        {{ cell | join(', ') }},
        audits as n,
        estimate,
        lower,
        upper,
        not_estimable_reason,
        is_provisional,
        is_complete,
        period_start
    from {{ ref('mart_quality_estimates') }}
    union all
    select
        coefficient as metric_id,
        'month' as grain,
        'all' as scope_type,
        'all' as scope,
        slice_type,
        slice,
        items as n,
        estimate,
        lower,
        upper,
        not_estimable_reason,
        null as is_provisional,
        is_complete,
        period_start
    from {{ ref('mart_inter_rater_agreement') }}
    -- Raters of later rounds have heard what others said.
    where slice_type <> 'session' and rating_round = 1
),

final as (
    select
        {%- for name in cell %}
        series.{{ name }},
        {%- endfor %}
        series.n,
        series.denominator,
        series.people_at_least,
        cast(series.numerator as double) / nullif(coalesce(cast(series.denominator as double), 1), 0) as metric_value,
        intervals.lower,
        intervals.upper,
        series.not_estimable_reason,
        intervals.not_estimable_reason as no_interval_reason,
        intervals.is_provisional,
        series.is_complete,
        series.period_start
    from {{ ref('mart_metric_series') }} as series
    left join intervals
        on
            series.period_start = intervals.period_start
            {%- for name in cell %}
            and series.{{ name }} = intervals.{{ name }}
            {%- endfor %}
    union all
    select
        {%- for name in cell %}
        inferred.{{ name }},
        {%- endfor %}
        inferred.n,
        null as denominator,
        null as people_at_least,
        inferred.estimate as metric_value,
        inferred.lower,
        inferred.upper,
        inferred.not_estimable_reason,
        null as no_interval_reason,
        inferred.is_provisional,
        inferred.is_complete,
        inferred.period_start
    from inferred
    inner join {{ ref('int_metric_definitions') }} as metrics
        on inferred.metric_id = metrics.metric_id and metrics.computed_by = 'python'
)

select * from final
