with drivers as (
    select
        *,
        coalesce(moderators < {{ var('minimum_people') }}, false) as is_of_few_people
    from {{ ref('error_drivers') }}
    where coalesce(term, '') <> '(intercept)'
),

-- A figure without its error is none: a value may rest on one moderator.
publishable as (
    select
        *,
        case when is_of_few_people then 'fewer than {{ var('minimum_people') }} people' else reason end
            as not_estimable_reason
    from drivers
)

select
    coalesce(term, '(none)') as term,
    compared_with,
    not_estimable_reason,
    {%- for name in ['n', 'n_clusters'] %}
    cast(case when not is_of_few_people then {{ name }} end as bigint) as {{ name }},
    {%- endfor %}
    cast(case when not_estimable_reason is null then odds_ratio end as double) as odds_ratio,
    {%- for name in ['odds_ratio_lower', 'odds_ratio_upper'] %}
    cast(case when not is_of_few_people then {{ name }} end as double) as {{ name }},
    {%- endfor %}
    cast(case when not_estimable_reason is null then marginal_effect end as double) as marginal_effect,
    {%- for name in ['p_value', 'adjusted_p_value'] %}
    cast(case when not is_of_few_people then {{ name }} end as double) as {{ name }},
    {%- endfor %}
    coalesce(not is_of_few_people and adjusted_p_value < 0.05, false) as is_found,
    {{ build_id() }} as build_id
from publishable
