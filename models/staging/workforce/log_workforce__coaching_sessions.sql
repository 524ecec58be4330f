{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('workforce', 'coaching_sessions') }}
