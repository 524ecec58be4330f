{{ config(
    materialized='incremental',
    incremental_strategy='touched_days',
    meta={'overwrites': 'in_touched_series_periods'},
) }}

{%- set slices = {'by_touched_days': ref('int_metric_slices_daily')} %}

-- Of what the measures are, too: their columns here keep their names when that changes.
{{ kept_by_definitions(
    metric_slices('by_touched_days') ~ metric_periods('by_touched_days', slices),
    metric_periods('by_touched_days', slices, ref('touched_metric_days')),
) }}
