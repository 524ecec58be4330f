{{ config(materialized='landed', meta={'carry': ['content_id']}) }}

-- depends_on: {{ ref('markets') }}
{{ landed('moderation', 'user_reports') }}
