{{ config(materialized='table') }}

{%- set cell = ['reporting_on', 'group_id', 'channel', 'priority'] %}

with counted as (
    select
        reporting_on,
        group_id,
        channel,
        priority,
        sum(tickets_created) as tickets_created,
        sum(tickets_solved) as tickets_solved,
        sum(tickets_reopened) as tickets_reopened,
        max(most_reported_reopens) as most_reported_reopens,
        sum(ticket_events) as ticket_events,
        sum(events_with_sla) as events_with_sla,
        sum(events_made_sla) as events_made_sla
    from {{ ref('int_tickets_daily') }}
    group by all
),

resolution_buckets as (
    select
        reporting_on,
        group_id,
        channel,
        priority,
        bucket,
        sum(row_count) as row_count
    from {{ ref('int_ticket_resolution_histogram') }}
    group by all
),

resolution as (
    {{ histogram_quantiles('resolution_buckets', cell, {'full_resolution_time_p50_seconds': 0.5}) }}
),

final as (
    select
        counted.group_id,
        counted.channel,
        counted.priority,
        {%- for name in [
            'tickets_created', 'tickets_solved', 'tickets_reopened', 'most_reported_reopens', 'ticket_events', 'events_with_sla',
            'events_made_sla',
        ] %}
        cast(counted.{{ name }} as bigint) as {{ name }},
        {%- endfor %}
        cast(coalesce(resolution.row_count, 0) as bigint) as tickets_resolved,
        cast(counted.tickets_reopened as double) / nullif(counted.tickets_solved, 0) as reopen_rate,
        cast(resolution.full_resolution_time_p50_seconds as double) as full_resolution_time_p50_seconds,
        counted.reporting_on,
        {{ build_id() }} as build_id
    from counted
    left join resolution using ({{ cell | join(', ') }})
)

select * from final
