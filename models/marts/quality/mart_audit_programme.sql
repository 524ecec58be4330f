{#- Where work was audited, anyone may read; what came of it in dispute is of those whose work it was. #}
{%- set publishable = '(audited_decisions = 0 or people_at_least >= ' ~ var('minimum_people') ~ ')' %}

with final as (
    select
        frame_id,
        stratum,
        cast(population_count as bigint) as population_count,
        cast(planned_n as bigint) as planned_n,
        {%- for name in [
            'audited_decisions', 'drawn_decisions', 'targeted_decisions', 'done_decisions', 'unauditable_decisions',
        ] %}
        cast({{ name }} as bigint) as {{ name }},
        {%- endfor %}
        {%- for name in [
            'unresolved_decisions', 'disputed_decisions', 'accepted_disputes', 'open_disputes', 'settled_disputes',
        ] %}
        cast(case when {{ publishable }} then {{ name }} end as bigint) as {{ name }},
        {%- endfor %}
        cast(done_decisions as double) / nullif(planned_n, 0) as completion,
        cast(unauditable_decisions as double) / nullif(audited_decisions, 0) as unauditable_share,
        cast(represented_weight as double) / nullif(population_count, 0) as represented_share,
        cast(lag_seconds as double) / 3600 / nullif(audited_decisions, 0) as mean_lag_hours,
        case when {{ publishable }} then cast(dispute_seconds as double) / 3600 / nullif(timed_disputes, 0) end
            as mean_dispute_hours,
        cast(case when {{ publishable }} then oldest_dispute_days end as bigint) as oldest_dispute_days,
        is_period_over,
        period_start,
        period_end
    from {{ ref('int_audit_programme') }}
)

select
    *,
    {{ build_id() }} as build_id
from final
