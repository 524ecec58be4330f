{{ config(materialized='landed') }}

-- depends_on: {{ ref('root_causes') }}
{{ landed('workforce', 'coaching_sessions') }}
