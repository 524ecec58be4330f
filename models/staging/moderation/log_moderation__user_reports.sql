{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('moderation', 'user_reports', carry=['content_id']) }}
