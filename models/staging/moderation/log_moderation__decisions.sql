{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

{{ version_log('moderation', 'decisions', carry=['task_id', 'content_id']) }}
