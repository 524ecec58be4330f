{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    meta={
        'overwrites': 'in_touched_verdict_periods',
        'sliced_by': 'log_quality__audits',
        'slice_factor': 0.1,
        'slice_grain': 'quarter',
    },
) }}

-- depends_on: {{ ref('log_quality__audits') }}

-- The arms are what auditors said themselves, before disputes: what they miss is known of them only.
{%- set arms = {
    'measures_first_found_violative': [
        'initial_true_positive_weight', 'initial_true_positive_weight + initial_false_positive_weight'
    ],
    'approvals_first_found_violative': [
        'initial_false_negative_weight', 'initial_false_negative_weight + initial_true_negative_weight'
    ],
} %}
{%- set audits = ref('int_drawn_verdicts') %}

{{ kept_by_definitions(
    verdict_cluster_sums(audits, arms),
    verdict_cluster_sums(audits, arms, ref('touched_metric_days')),
) }}
