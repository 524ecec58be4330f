{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('transparency', 'monthly_recipients') }}
