{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('quality', 'audits', carry=['decision_id']) }}
