{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

{{ version_log('moderation', 'user_reports', carry=['content_id']) }}
