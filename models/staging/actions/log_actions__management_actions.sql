{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('actions', 'management_actions') }}
