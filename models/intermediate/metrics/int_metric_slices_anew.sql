{{ config(materialized='table') }}

-- depends_on: {{ ref('int_configuration_daily') }}
-- depends_on: {{ ref('int_attrition_monthly') }}
-- depends_on: {{ ref('int_management_actions') }}
-- depends_on: {{ ref('int_audit_programme') }}
-- depends_on: {{ ref('int_scorecard_reviews_daily') }}
-- depends_on: {{ ref('int_rca_reviews_daily') }}
-- depends_on: {{ ref('int_reference_matches_daily') }}
-- depends_on: {{ ref('int_shift_work_daily') }}
-- depends_on: {{ ref('int_landed_rows_daily') }}
-- depends_on: {{ ref('int_freshness') }}

{{ metric_slices('anew') }}
