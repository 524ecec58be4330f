{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    meta={'overwrites': 'in_touched_verdict_periods'},
) }}

-- The arms are what auditors said themselves, before disputes: what they miss is known of them only.
{{ verdict_cluster_sums(
    ref('int_drawn_verdicts'), ref('touched_metric_days'),
    arms={
        'measures_first_found_violative': [
            'initial_true_positive_weight', 'initial_true_positive_weight + initial_false_positive_weight'
        ],
        'approvals_first_found_violative': [
            'initial_false_negative_weight', 'initial_false_negative_weight + initial_true_negative_weight'
        ],
    },
) }}
