{{ config(group='people', access='private') }}

with final as (
    select
        kind,
        topic,
        site_id,
        vendor_id,
        cast(headcount as double) as headcount,
        {%- for name in ['events', 'people_reached', 'people_reached_so_far', 'errors', 'judged_audits'] %}
        cast({{ name }} as bigint) as {{ name }},
        {%- endfor %}
        error_rate_before,
        error_rate,
        error_rate_after,
        month_starting_on
    from {{ ref('int_learning_monthly') }}
)

select
    *,
    {{ build_id() }} as build_id
from final
