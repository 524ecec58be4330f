{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    meta={
        'overwrites': 'in_touched_verdict_periods',
        'sliced_by': 'quality.audits',
        'slice_factor': 0.1,
        'slice_grain': 'quarter',
    },
) }}

-- depends_on: {{ landed_log('quality', 'audits') }}

{%- set audits = ref('int_drawn_verdicts') %}

{{ kept_by_definitions(
    verdict_cluster_sums(audits),
    verdict_cluster_sums(audits, ref('touched_metric_days')),
) }}
