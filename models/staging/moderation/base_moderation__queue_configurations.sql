{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('moderation', 'queue_configurations') }}
