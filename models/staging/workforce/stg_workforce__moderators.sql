{{ config(materialized='landed') }}

-- depends_on: {{ ref('sites') }}
-- depends_on: {{ ref('vendors') }}
{{ landed('workforce', 'moderators') }}
