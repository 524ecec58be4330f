{{ config(materialized='landed') }}

-- depends_on: {{ ref('root_causes') }}
{{ landed('quality', 'rca_reviews') }}
