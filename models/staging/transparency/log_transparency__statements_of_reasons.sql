{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('transparency', 'statements_of_reasons') }}
