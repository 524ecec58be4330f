{{ config(materialized='landed') }}

{{ landed('moderation', 'queue_configurations') }}
