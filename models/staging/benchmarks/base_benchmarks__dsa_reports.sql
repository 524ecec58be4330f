{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('benchmarks', 'dsa_reports') }}
