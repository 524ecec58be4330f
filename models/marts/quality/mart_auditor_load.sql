{%- set enough = 'auditors >= ' ~ var('minimum_people') %}

with final as (
    select
        auditor_type,
        cast(case when {{ enough }} then auditors end as bigint) as auditors,
        {%- for name in ['audits', 'unauditable_audits', 'disputed_audits', 'lost_disputes'] %}
        cast(case when {{ enough }} then {{ name }} end as bigint) as {{ name }},
        {%- endfor %}
        case when {{ enough }} then cast(audits as double) / auditors end as audits_per_auditor,
        -- The standard deviation over the mean.
        case
            when {{ enough }}
                then sqrt(greatest(cast(squared_audits as double) * auditors / cast(audits * audits as double) - 1, 0))
        end as spread,
        week_starting_on
    from {{ ref('int_auditor_load') }}
)

select
    *,
    {{ build_id() }} as build_id
from final
