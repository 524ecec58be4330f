{#- Each figure with what it takes to publish it: enough people decided, or nobody did. #}
{%- set enough_decide = 'deciding_people >= ' ~ var('minimum_people') %}
{%- set none_or_enough_decide = '(coalesce(deciding_people, 0) = 0 or ' ~ enough_decide ~ ')' %}
{%- set enough_work = 'working_people >= ' ~ var('minimum_people') %}
{%- set none_or_enough_made = '(production_decisions = 0 or ' ~ enough_decide ~ ')' %}
{%- set counts = {
    'tasks_received': 'true', 'terminal_decisions': none_or_enough_decide, 'tasks_due': none_or_enough_decide,
    'tasks_attained': none_or_enough_decide, 'production_decisions': none_or_enough_made, 'skips': none_or_enough_made,
    'escalations': none_or_enough_made, 'tasks_ended': 'true', 'judged_audits': none_or_enough_decide,
} %}
{%- set rates = [
    ('sla_attainment', 'tasks_attained', 'tasks_due', none_or_enough_decide),
    ('average_handle_time_seconds', 'handle_seconds', 'handled_decisions', enough_decide),
    ('skip_rate', 'skips', 'production_decisions', enough_decide),
    ('escalation_rate', 'escalations', 'production_decisions', enough_decide),
    ('touches_per_task', 'touches', 'tasks_touched', none_or_enough_decide),
    ('occupancy', 'handling_seconds', 'productive_seconds', enough_work),
    ('backlog_days_of_cover', 'backlog_open', 'tasks_ended', 'true'),
    ('configuration_accuracy', 'settings_correct', 'settings_expected', 'true'),
] %}
{%- set sums = [
    'handle_seconds', 'handled_decisions', 'touches', 'tasks_touched', 'handling_seconds', 'productive_seconds',
    'backlog_open', 'correct_weight', 'judged_weight', 'approved_audits',
] %}

with slices as (
    {% for group in ['efficiency', 'workforce', 'quality'] -%}
    select * from {{ ref('int_' ~ group ~ '_slices') }}
    where scope_type = 'all' and slice_type = 'queue'
    {{ 'union all by name' if not loop.last }}
    {% endfor %}
),

measured as (
    select
        slice as queue_id,
        {%- for name in counts.keys() | list + sums %}
        sum({{ name }}) as {{ name }},
        {%- endfor %}
        {{ people_at_least(union_of_people('decisions_people_bits')) }} as deciding_people,
        {{ people_at_least(union_of_people('activity_people_bits')) }} as working_people,
        cast(date_trunc('week', reporting_on) as date) as week_starting_on
    from slices
    group by slice, week_starting_on
),

configured as (
    select
        slice as queue_id,
        sum(settings_correct) as settings_correct,
        sum(settings_expected) as settings_expected,
        cast(date_trunc('week', reporting_on) as date) as week_starting_on
    from {{ ref('int_rebuilt_slices') }}
    where scope_type = 'all' and slice_type = 'queue'
    group by slice, week_starting_on
),

turnaround as (
    select
        slice as queue_id,
        cast(numerator as double) as turnaround_p90_seconds,
        period_start as week_starting_on
    from {{ ref('int_efficiency_metrics') }}
    where metric_id = 'turnaround_time_p90' and grain = 'week' and scope_type = 'all' and slice_type = 'queue'
),

final as (
    select
        measured.queue_id,
        {%- for name, publishable in counts.items() %}
        cast(case when {{ publishable }} then coalesce(measured.{{ name }}, 0) end as bigint) as {{ name }},
        {%- endfor %}
        {%- for name, numerator, denominator, publishable in rates %}
        case
            when {{ publishable }}
                then cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
        end as {{ name }},
        {%- endfor %}
        case when {{ none_or_enough_decide }} then turnaround.turnaround_p90_seconds end as turnaround_p90_seconds,
        case
            when
                {{ none_or_enough_decide }}
                and measured.judged_audits >= {{ var('minimum_audits') }}
                and measured.approved_audits > 0
                then cast(measured.correct_weight as double) / nullif(cast(measured.judged_weight as double), 0)
        end as audit_accuracy,
        measured.week_starting_on
    from measured
    left join configured
        on measured.queue_id = configured.queue_id and measured.week_starting_on = configured.week_starting_on
    left join turnaround
        on measured.queue_id = turnaround.queue_id and measured.week_starting_on = turnaround.week_starting_on
    cross join {{ ref('int_calendar') }} as calendar
    -- A shift in the east may be of a week that has not begun in the reporting time zone.
    where measured.week_starting_on <= calendar.last_begun_day
)

select
    *,
    {{ build_id() }} as build_id
from final
