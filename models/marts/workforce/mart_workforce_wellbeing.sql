{{ config(group='people', access='private') }}

with worked as (
    select
        site_id,
        vendor_id,
        team_id,
        sum(worked_days) as worked_days,
        sum(days_over_exposure_limit) as days_over_exposure_limit,
        sum(days_with_break_limit) as days_with_break_limit,
        sum(days_with_enough_breaks) as days_with_enough_breaks,
        {{ people_at_least(union_of_people('people_bits')) }} as people_at_least,
        sum(paid_seconds) as paid_seconds,
        sum(productive_seconds) as productive_seconds,
        sum(wellness_seconds) as wellness_seconds,
        sum(sensitive_seconds) as sensitive_seconds,
        cast(date_trunc('week', event_on) as date) as week_starting_on
    from {{ ref('int_wellbeing_daily') }}
    group by site_id, vendor_id, team_id, week_starting_on
),

employed as (
    select
        site_id,
        vendor_id,
        team_id,
        sum(headcount) as headcount_days,
        sum(leavers) as leavers,
        cast(date_trunc('week', reporting_on) as date) as week_starting_on
    from {{ ref('int_headcount_daily') }}
    group by site_id, vendor_id, team_id, week_starting_on
),

final as (
    select
        site_id,
        vendor_id,
        team_id,
        {%- for name in ['worked_days', 'days_over_exposure_limit', 'days_with_break_limit', 'days_with_enough_breaks',
            'headcount_days', 'leavers', 'people_at_least'] %}
        cast(coalesce({{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        {%- for name in ['paid_seconds', 'productive_seconds', 'wellness_seconds', 'sensitive_seconds'] %}
        cast(coalesce({{ name }}, 0) as decimal(28, 3)) as {{ name }},
        {%- endfor %}
        cast(sensitive_seconds as double) / nullif(cast(productive_seconds as double), 0)
            as graphic_exposure_hours_per_productive_hour,
        cast(days_with_enough_breaks as double) / nullif(days_with_break_limit, 0) as wellness_break_compliance,
        week_starting_on
    from employed
    full outer join worked using (site_id, vendor_id, team_id, week_starting_on)
    cross join {{ ref('int_calendar') }} as calendar
    -- A shift in the east may be of a week that has not begun in the reporting time zone.
    where week_starting_on <= calendar.last_begun_day
)

select
    *,
    {{ build_id() }} as build_id
from final
