{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('exposure', 'view_samples') }}
