{{ config(materialized='landed', meta={'carry': ['decision_id']}) }}

-- depends_on: {{ ref('root_causes') }}
{{ landed('quality', 'audits') }}
