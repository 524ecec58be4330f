{{ config(materialized='landed') }}

{{ landed('benchmarks', 'dsa_reports') }}
