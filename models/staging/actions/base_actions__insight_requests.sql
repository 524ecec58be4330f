{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('actions', 'insight_requests') }}
