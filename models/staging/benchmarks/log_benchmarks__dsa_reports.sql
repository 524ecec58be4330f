{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('benchmarks', 'dsa_reports') }}
