{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    meta={'overwrites': 'in_touched_verdict_periods'},
) }}

{{ metric_cluster_sums('verdicts', ref('int_drawn_verdicts'), 'moderator_key', ref('touched_metric_days')) }}
