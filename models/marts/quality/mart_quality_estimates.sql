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
        {{ 'null' if loop.first else 'pooled_estimate' }} as pooled_estimate,
        {{ 'null' if loop.first else 'auditor_error_from' }} as auditor_error_from,
        period_start
    from {{ estimates }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

judged as (
    select
        *,
        clusters < {{ var('minimum_people') }} as is_of_few_people,
        case
            when clusters < {{ var('minimum_people') }} then 'fewer than {{ var('minimum_people') }} people'
            when reason is not null then reason
            when audits < {{ var('minimum_audits') }} then 'fewer than {{ var('minimum_audits') }} audits'
        end as not_estimable_reason,
        cast(period_start as date) as period_on
    from estimates
)

-- A figure without its error is none, nor is one that cannot be.
select
    judged.metric_id,
    judged.grain,
    judged.scope_type,
    judged.scope,
    judged.slice_type,
    judged.slice,
    judged.not_estimable_reason,
    cast(judged.auditor_error_from as varchar) as auditor_error_from,
    {%- for column in ['audits', 'provisional_audits'] %}
    cast(case when not judged.is_of_few_people then judged.{{ column }} end as bigint) as {{ column }},
    {%- endfor %}
    {%- for column in ['estimate', 'standard_error', 'lower', 'upper', 'effective_n', 'pooled_estimate'] %}
    cast(case when judged.not_estimable_reason is null then judged.{{ column }} end as double) as {{ column }},
    {%- endfor %}
    case when not judged.is_of_few_people then judged.provisional_audits > 0 end as is_provisional,
    {{ is_whole_period('judged.period_on', later_period('judged.grain', 'judged.period_on'), 'metrics') }}
        as is_complete,
    judged.period_on as period_start,
    {{ build_id() }} as build_id
from judged
inner join {{ ref('int_metric_definitions') }} as metrics on judged.metric_id = metrics.metric_id
cross join {{ ref('int_calendar') }} as calendar
