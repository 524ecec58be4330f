{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('moderation', 'tasks', carry=['root_task_id']) }}
