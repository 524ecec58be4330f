{{ config(materialized='landed') }}

{{ landed('benchmarks', 'cger') }}
