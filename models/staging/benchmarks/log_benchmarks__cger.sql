{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('benchmarks', 'cger') }}
