-- Over 120 lines: tickets, replies and answers of one grain side by side.
{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    meta={'day': 'reporting_on'},
) }}

{%- set affected = in_affected_days(ref('affected_support_days'), 'reporting_on') %}

{%- set cell = ['reporting_on', 'group_id', 'channel', 'priority'] %}
{%- set durations = ['first_reply', 'first_reply_business', 'full_resolution', 'full_resolution_business'] %}

with counted as (
    select
        reporting_on,
        group_id,
        channel,
        priority,
        sum(tickets_created) as tickets_created,
        sum(tickets_solved) as tickets_solved,
        sum(tickets_reopened) as tickets_reopened,
        sum(solved_with_replies) as solved_with_replies,
        sum(one_touch_tickets) as one_touch_tickets,
        max(most_reported_reopens) as most_reported_reopens,
        sum(ticket_events) as ticket_events,
        sum(events_with_sla) as events_with_sla,
        sum(events_made_sla) as events_made_sla
    from {{ ref('int_tickets_daily') }}
    where {{ affected }}
    group by all
),

buckets as (
    select
        reporting_on,
        group_id,
        channel,
        priority,
        duration,
        bucket,
        sum(row_count) as row_count
    from {{ ref('int_ticket_duration_histogram') }}
    where {{ affected }}
    group by all
),

timed as (
    {{ histogram_quantiles('buckets', cell + ['duration'], {'p50_seconds': 0.5}) }}
),

medians as (
    select
        {%- for duration in durations %}
        max(row_count) filter (where duration = '{{ duration }}') as {{ duration }}_count,
        max(p50_seconds) filter (where duration = '{{ duration }}') as {{ duration }}_p50_seconds,
        {%- endfor %}
        {{ cell | join(',\n        ') }}
    from timed
    group by {{ cell | join(', ') }}
),

satisfaction as (
    select
        {{ cell | join(',\n        ') }},
        sum(satisfaction_asked) as satisfaction_asked,
        sum(satisfaction_answered) as satisfaction_answered,
        sum(satisfied_answers) as satisfied_answers
    from {{ ref('int_satisfaction_daily') }}
    where is_headline and {{ affected }}
    group by {{ cell | join(', ') }}
),

cells as (
    select {{ cell | join(', ') }} from counted
    union
    select {{ cell | join(', ') }} from medians
    union
    select {{ cell | join(', ') }} from satisfaction
),

final as (
    select
        group_id,
        channel,
        priority,
        {%- for name in [
            'tickets_created', 'tickets_solved', 'tickets_reopened', 'solved_with_replies', 'one_touch_tickets',
        ] %}
        cast(coalesce(counted.{{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        cast(counted.most_reported_reopens as bigint) as most_reported_reopens,
        {%- for name in ['ticket_events', 'events_with_sla', 'events_made_sla'] %}
        cast(coalesce(counted.{{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        cast(coalesce(medians.first_reply_count, 0) as bigint) as tickets_replied,
        cast(coalesce(medians.full_resolution_count, 0) as bigint) as tickets_resolved,
        {%- for name in ['satisfaction_asked', 'satisfaction_answered', 'satisfied_answers'] %}
        cast(coalesce(satisfaction.{{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        cast(counted.tickets_reopened as double) / nullif(counted.tickets_solved, 0) as reopen_rate,
        cast(counted.one_touch_tickets as double) / nullif(counted.solved_with_replies, 0) as one_touch_rate,
        cast(satisfaction.satisfied_answers as double) / nullif(satisfaction.satisfaction_answered, 0) as csat,
        cast(satisfaction.satisfaction_answered as double) / nullif(satisfaction.satisfaction_asked, 0)
            as csat_response_rate,
        {%- for duration, name in [
            ('first_reply', 'first_reply_time_p50_seconds'),
            ('first_reply_business', 'first_reply_business_time_p50_seconds'),
            ('full_resolution', 'full_resolution_time_p50_seconds'),
            ('full_resolution_business', 'full_resolution_business_time_p50_seconds'),
        ] %}
        cast(medians.{{ duration }}_p50_seconds as double) as {{ name }},
        {%- endfor %}
        case
            when
                (medians.first_reply_count > 0 and medians.first_reply_business_count is null)
                or (medians.full_resolution_count > 0 and medians.full_resolution_business_count is null)
                then {{ why_no_business_time() }}
        end as no_business_time_reason,
        reporting_on,
        {{ build_id() }} as build_id,
        {{ batch() }} as _batch
    from cells
    left join counted using ({{ cell | join(', ') }})
    left join medians using ({{ cell | join(', ') }})
    left join satisfaction using ({{ cell | join(', ') }})
)

select * from final
