with estimates as (
    {%- for estimates in [ref('quality_estimates'), ref('truth_adjusted_accuracy')] %}
    select
        metric_id,
        grain,
        scope_type,
        scope,
        slice_type,
        slice,
        reason,
        clusters,
        audits,
        provisional_audits,
        estimate,
        standard_error,
        lower,
        upper,
        effective_n,
        period_start
    from {{ estimates }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

judged as (
    select
        *,
        case
            when clusters < {{ var('minimum_people') }} then 'fewer than {{ var('minimum_people') }} people'
            else reason
        end as not_estimable_reason
    from estimates
)

-- A figure without its error is none, nor is one that cannot be.
select
    metric_id,
    grain,
    scope_type,
    scope,
    slice_type,
    slice,
    not_estimable_reason,
    cast(audits as bigint) as audits,
    cast(provisional_audits as bigint) as provisional_audits,
    {%- for column in ['estimate', 'standard_error', 'lower', 'upper', 'effective_n'] %}
    cast(case when not_estimable_reason is null then {{ column }} end as double) as {{ column }},
    {%- endfor %}
    provisional_audits > 0 as is_provisional,
    {{ is_whole_period('cast(period_start as date)', later_period('grain', 'cast(period_start as date)')) }}
        as is_complete,
    cast(period_start as date) as period_start,
    {{ build_id() }} as build_id
from judged
cross join {{ ref('int_calendar') }} as calendar
