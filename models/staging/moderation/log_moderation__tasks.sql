{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log_model('moderation', 'tasks', carry=['root_task_id']) }}
