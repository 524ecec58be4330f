{{ config(materialized='table') }}

-- The one clock: things are known up to the end of the last day on which anything landed, or as the variable says.
with landed as (
    {% for source_name, table_name in staged_table_pairs() -%}
    select max({{ landed_on('_file') }}) as last_landed_on
    from {{ ref('log_' ~ source_name ~ '__' ~ table_name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
            {% if var('as_of') -%}
        cast({{ literal(var('as_of')) }} as timestamp) as as_of
        {%- else -%}
        cast(max(last_landed_on) + 1 as timestamp) as as_of
        {%- endif %}
    from landed
)

select
    as_of,
    {{ reporting_day('as_of') }} as as_of_day
from final
