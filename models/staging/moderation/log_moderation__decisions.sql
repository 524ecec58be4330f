{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log_model('moderation', 'decisions', carry=['task_id', 'content_id']) }}
