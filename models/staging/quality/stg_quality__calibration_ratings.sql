{{ config(materialized='landed') }}

-- depends_on: {{ ref('policies') }}
-- depends_on: {{ ref('queues') }}
{{ landed('quality', 'calibration_ratings') }}
