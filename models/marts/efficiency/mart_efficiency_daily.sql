-- Over 120 lines: five roll-ups of one grain side by side.
{{ config(
    materialized='incremental',
    incremental_strategy='insert_overwrite',
    group='people',
    access='private',
    meta={'day': 'reporting_on'},
) }}

{%- set affected = ref('affected_efficiency_days') %}

{%- set cell = ['reporting_on', 'queue_id', 'market', 'language', 'site_id', 'vendor_id'] %}

with decisions as (
    select
        event_on as reporting_on,
        queue_id,
        market,
        language,
        site_id,
        vendor_id,
        sum(decisions) as decisions_made,
        sum(production_decisions) as production_decisions,
        sum(enforcement_actions) as enforcement_actions,
        sum(automated_enforcement_actions) as automated_enforcement_actions,
        sum(skips) as skips,
        sum(escalations) as escalations,
        sum(handled_decisions) as handled_decisions,
        sum(capped_decisions) as capped_decisions,
        sum(handle_seconds) as handle_seconds,
        sum(timed_content_handle_seconds) as timed_content_handle_seconds,
        sum(content_seconds) as content_seconds
    from {{ ref('int_decisions_daily') }}
    where {{ in_affected_days(affected) }}
    group by all
),

received as (
    select
        event_on as reporting_on,
        queue_id,
        market,
        language,
        site_id,
        vendor_id,
        sum(tasks_received) as tasks_received,
        sum(touches) as touches
    from {{ ref('int_tasks_daily') }}
    where {{ in_affected_days(affected) }}
    group by all
),

due as (
    select
        due_on as reporting_on,
        queue_id,
        market,
        language,
        site_id,
        vendor_id,
        sum(tasks_due) as tasks_due,
        sum(tasks_attained) as tasks_attained
    from {{ ref('int_tasks_due_daily') }}
    where {{ in_affected_days(affected, 'due_on') }}
    group by all
),

turnaround_buckets as (
    select
        decided_on as reporting_on,
        queue_id,
        market,
        language,
        site_id,
        vendor_id,
        bucket,
        sum(row_count) as row_count
    from {{ ref('int_turnaround_histogram') }}
    where {{ in_affected_days(affected, 'decided_on') }}
    group by all
),

turnaround as (
    {{ histogram_quantiles('turnaround_buckets', cell, {
        'turnaround_p50_seconds': 0.5, 'turnaround_p90_seconds': 0.9, 'turnaround_p95_seconds': 0.95,
    }) }}
),

-- Activity knows no market and no language.
activity as (
    select
        event_on as reporting_on,
        queue_id,
        '(unmapped)' as market,
        '(unmapped)' as language,
        site_id,
        vendor_id,
        sum(handling_seconds) as productive_handling_seconds,
        sum(idle_seconds) as idle_seconds
    from {{ ref('int_activity_daily') }}
    where {{ in_affected_days(affected) }}
    group by all
),

cells as (
    select {{ cell | join(', ') }} from decisions
    union
    select {{ cell | join(', ') }} from received
    union
    select {{ cell | join(', ') }} from due
    union
    select {{ cell | join(', ') }} from turnaround
    union
    select {{ cell | join(', ') }} from activity
),

final as (
    select
        cells.queue_id,
        cells.market,
        cells.language,
        cells.site_id,
        cells.vendor_id,
        {%- for name in [
            'tasks_received', 'touches', 'decisions_made', 'production_decisions', 'enforcement_actions', 'automated_enforcement_actions',
            'skips', 'escalations', 'handled_decisions', 'capped_decisions', 'tasks_due', 'tasks_attained',
        ] %}
        cast(coalesce({{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        cast(coalesce(turnaround.row_count, 0) as bigint) as terminal_decisions,
        {%- for name in [
            'handle_seconds', 'timed_content_handle_seconds', 'content_seconds', 'productive_handling_seconds',
            'idle_seconds',
        ] %}
        cast(coalesce({{ name }}, 0) as decimal(28, 3)) as {{ name }},
        {%- endfor %}
        cast(handle_seconds as double) / nullif(handled_decisions, 0) as average_handle_time_seconds,
        cast(turnaround_p50_seconds as double) as turnaround_p50_seconds,
        cast(turnaround_p90_seconds as double) as turnaround_p90_seconds,
        cast(turnaround_p95_seconds as double) as turnaround_p95_seconds,
        cells.reporting_on,
        {{ build_id() }} as build_id,
        {{ batch() }} as _batch
    from cells
    left join decisions using ({{ cell | join(', ') }})
    left join received using ({{ cell | join(', ') }})
    left join due using ({{ cell | join(', ') }})
    left join turnaround using ({{ cell | join(', ') }})
    left join activity using ({{ cell | join(', ') }})
    where cells.reporting_on is not null
)

select * from final
