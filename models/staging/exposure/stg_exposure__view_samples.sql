{{ config(materialized='landed') }}

-- depends_on: {{ ref('markets') }}
-- depends_on: {{ ref('policies') }}
{{ landed('exposure', 'view_samples') }}
