{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    meta={'overwrites': 'in_touched_metric_days'},
) }}

-- depends_on: {{ ref('int_decisions_daily') }}
-- depends_on: {{ ref('int_tasks_daily') }}
-- depends_on: {{ ref('int_tasks_due_daily') }}
-- depends_on: {{ ref('int_turnaround_histogram') }}
-- depends_on: {{ ref('int_activity_daily') }}
-- depends_on: {{ ref('int_backlog_daily') }}
-- depends_on: {{ ref('int_wellbeing_daily') }}
-- depends_on: {{ ref('int_human_verdicts_daily') }}
-- depends_on: {{ ref('int_appeal_cohorts_daily') }}
-- depends_on: {{ ref('int_content_removals_daily') }}
-- depends_on: {{ ref('int_view_samples_daily') }}
-- depends_on: {{ ref('int_tickets_daily') }}
-- depends_on: {{ ref('int_satisfaction_daily') }}

-- Which instrument csat is of is a column of int_satisfaction_daily, so the digest has to name it.
{{ kept_by_definitions(
    metric_slices('by_touched_days') ~ var('csat_instrument'),
    metric_slices('by_touched_days', ref('touched_metric_days')),
) }}
