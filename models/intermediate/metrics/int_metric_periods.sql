{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    meta={'overwrites': 'in_touched_series_periods'},
) }}

{%- set slices = {'by_touched_days': ref('int_metric_slices_daily')} %}

{{ kept_by_definitions(
    metric_periods('by_touched_days', slices),
    metric_periods('by_touched_days', slices, ref('touched_metric_days')),
) }}
