{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('benchmarks', 'cger') }}
