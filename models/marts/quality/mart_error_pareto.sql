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

ranked as (
    select
        *,
        row_number() over (
            partition by month_starting_on, cause_type order by error_weight desc, errors desc, cause asc
        ) as place,
        sum(error_weight) over (partition by month_starting_on, cause_type) as weight_of_all,
        sum(error_weight) over (
            partition by month_starting_on, cause_type order by error_weight desc, errors desc, cause asc
            rows between unbounded preceding and current row
        ) as weight_so_far
    from causes
),

final as (
    select
        cause_type,
        cause,
        cast(errors as bigint) as errors,
        cast(drawn_errors as bigint) as drawn_errors,
        cast(error_severity as bigint) as error_severity,
        cast(place as bigint) as place,
        cast(error_weight as decimal(28, 6)) as error_weight,
        cast(error_weight as double) / nullif(cast(weight_of_all as double), 0) as share,
        cast(weight_so_far as double) / nullif(cast(weight_of_all as double), 0) as cumulative_share,
        month_starting_on
    from ranked
)

select
    *,
    {{ build_id() }} as build_id
from final
