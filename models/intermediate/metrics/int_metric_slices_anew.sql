{{ config(materialized='table') }}

-- depends_on: {{ ref('int_configuration_daily') }}
-- depends_on: {{ ref('int_headcount_daily') }}
-- depends_on: {{ ref('int_management_actions') }}

{{ metric_slices('anew') }}
