{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('moderation', 'queue_configurations') }}
