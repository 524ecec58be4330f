{{ config(materialized='table') }}

{%- set kinds = [
    ('root_cause', 'root_cause_code'), ('error_kind', 'error_kind'), ('queue', 'queue_id'),
    ('suspected_policy', 'suspected_policy_code'), ('language', 'language'), ('site', 'site_id'),
] %}

with monthly as (
    select
        *,
        cast(date_trunc('month', event_on) as date) as month_starting_on
    from {{ ref('int_errors_daily') }}
),

-- The same errors, sorted by one kind of cause after the other.
causes as (
    {% for cause_type, column in kinds -%}
    select
        '{{ cause_type }}' as cause_type,
        {{ column }} as cause,
        sum(errors) as errors,
        sum(drawn_errors) as drawn_errors,
        sum(error_weight) as error_weight,
        sum(error_severity) as error_severity,
        month_starting_on
    from monthly
    group by {{ column }}, month_starting_on
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Of how many people decisions were audited where a cause is a place of theirs; any other is among all who were.
audited as (
    {% for cause_type, column in kinds -%}
    select
        '{{ cause_type }}' as cause_type,
        {{ column if column not in ('root_cause_code', 'error_kind') else 'cast(null as varchar)' }} as cause,
        coalesce({{ people_at_least(union_of_people('people_bits')) }}, 0) >= {{ var('minimum_people') }} as is_shown,
        cast(date_trunc('month', event_on) as date) as month_starting_on
    from {{ ref('int_human_verdicts_daily') }}
    group by {{ column ~ ', ' if column not in ('root_cause_code', 'error_kind') }}month_starting_on
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

publishable as (
    select
        causes.*,
        coalesce(audited.is_shown, false) as is_shown
    from causes
    left join audited
        on
            causes.cause_type = audited.cause_type
            and causes.month_starting_on = audited.month_starting_on
            and (causes.cause = audited.cause or audited.cause is null)
),

ranked as (
    select
        *,
        row_number() over (
            partition by month_starting_on, cause_type, is_shown order by error_weight desc, errors desc, cause asc
        ) as place,
        sum(error_weight) over (partition by month_starting_on, cause_type) as weight_of_all,
        sum(error_weight) over (
            partition by month_starting_on, cause_type, is_shown order by error_weight desc, errors desc, cause asc
            rows between unbounded preceding and current row
        ) as weight_so_far
    from publishable
),

final as (
    select
        cause_type,
        cause,
        {%- for name in ['errors', 'drawn_errors', 'error_severity', 'place'] %}
        cast(case when is_shown then {{ name }} end as bigint) as {{ name }},
        {%- endfor %}
        cast(case when is_shown then error_weight end as decimal(28, 6)) as error_weight,
        case when is_shown then cast(error_weight as double) / nullif(cast(weight_of_all as double), 0) end as share,
        case when is_shown then cast(weight_so_far as double) / nullif(cast(weight_of_all as double), 0) end
            as cumulative_share,
        month_starting_on
    from ranked
)

select
    *,
    {{ build_id() }} as build_id
from final
