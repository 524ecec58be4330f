{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('moderation', 'task_claims') }}
