{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('support', 'schedule_holiday') }}
