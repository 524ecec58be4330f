{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('transparency', 'authority_orders') }}
