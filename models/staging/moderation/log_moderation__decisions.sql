{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('moderation', 'decisions', carry=['task_id', 'content_id']) }}
