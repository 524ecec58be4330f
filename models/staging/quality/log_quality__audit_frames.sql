{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('quality', 'audit_frames') }}
