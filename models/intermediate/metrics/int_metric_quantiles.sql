{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    meta={'overwrites': 'in_touched_quantile_periods'},
) }}

-- depends_on: {{ ref('int_turnaround_histogram') }}
-- depends_on: {{ ref('int_claim_wait_histogram') }}
-- depends_on: {{ ref('int_appeal_cohort_histogram') }}
-- depends_on: {{ ref('int_ticket_duration_histogram') }}
-- depends_on: {{ ref('int_action_histogram') }}
-- depends_on: {{ ref('int_backlog_daily') }}

{{ kept_by_definitions(metric_quantiles(), metric_quantiles(ref('touched_metric_days'))) }}
