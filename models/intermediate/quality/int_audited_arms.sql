{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    meta={'overwrites': 'in_touched_verdict_periods'},
) }}

-- depends_on: {{ ref('int_policy_versions') }}

{%- set audits = ref('int_drawn_verdicts') %}

{{ kept_by_definitions(audited_arms(audits), audited_arms(audits, ref('touched_metric_days'))) }}
