with figures as (
    select
        *,
        unit = 'people' and figure < {{ var('minimum_people') }} as is_of_few_people
    from {{ ref('int_dsa_figures') }}
),

final as (
    select
        figures.section,
        figures.indicator,
        figures.scope_kind,
        figures.scope,
        case when not figures.is_of_few_people then figures.figure end as figure,
        figures.unit,
        case
            when figures.is_of_few_people then 'withheld'
            when figures.figure is null then 'not provided'
            else 'provided'
        end as provision,
        case
            when figures.is_of_few_people then 'fewer than {{ var('minimum_people') }} people'
            else figures.reason
        end as reason,
        {{ is_whole_period('figures.period_start', plus_months('figures.period_start', 6), 'figures') }}
            as is_complete,
        figures.period_start
    from figures
    cross join {{ ref('int_calendar') }} as calendar
)

select
    *,
    {{ build_id() }} as build_id
from final
