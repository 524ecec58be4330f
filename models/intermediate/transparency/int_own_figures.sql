-- One's own figures under the names by which others publish theirs, of whole periods, as theirs are. Quarters are those
-- of the calendar. A rate of fewer than nine in ten of the removals is not the figure that others publish.
{%- set rates = [
    ('Proactive removal rate', 'proactive_removals', 'contents_removed'),
    ('Removal rate before any views', 'removals_before_any_view', 'removals_with_known_views'),
    ('Removal rate within 24 hours', 'removals_within_24h', 'removals_with_known_age'),
] %}

with quarters as (
    select
        {%- for name, numerator, denominator in rates %}
        sum({{ numerator }}) as {{ numerator }},
        sum({{ denominator }}) as {{ denominator }},
        {%- endfor %}
        cast(date_trunc('quarter', event_on) as date) as quarter_starting_on
    from {{ ref('int_content_removals_daily') }}
    group by quarter_starting_on
),

removals as (
    {% for name, numerator, denominator in rates -%}
    select
        '(none)' as section,
        '{{ name }}' as metric,
        case quarter(quarter_starting_on)
            when 1 then 'Jan-Mar ' when 2 then 'Apr-Jun ' when 3 then 'Jul-Sep ' else 'Oct-Dec '
        end || cast(year(quarter_starting_on) as varchar) as period,
        'all' as slice_type,
        'all' as slice,
        case
            when {{ denominator }} >= 0.9 * contents_removed
                then cast({{ numerator }} as double) / nullif({{ denominator }}, 0)
        end as value,
        quarter_starting_on as period_start,
        {{ plus_months('quarter_starting_on', 3) }} as next_period_start,
        0 as settles_after_days
    from quarters
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

figures as (
    select * from removals
    where value is not null
    union all
    select
        section,
        indicator as metric,
        cast(period_start as varchar) as period,
        scope_kind as slice_type,
        scope as slice,
        figure as value,
        period_start,
        {{ plus_months('period_start', 6) }} as next_period_start,
        settles_after_days
    from {{ ref('int_dsa_figures') }}
    where figure is not null and not (unit = 'people' and figure < {{ var('minimum_people') }})
)

select
    figures.section,
    figures.metric,
    figures.period,
    figures.slice_type,
    figures.slice,
    figures.value
from figures
cross join {{ ref('int_calendar') }} as calendar
where {{ is_whole_period('figures.period_start', 'figures.next_period_start', 'figures') }}
