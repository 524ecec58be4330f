{{ config(materialized='table') }}

{{ metric_periods('anew', {
    'by_touched_days': ref('int_metric_slices_daily'),
    'anew': ref('int_metric_slices_anew'),
}) }}
