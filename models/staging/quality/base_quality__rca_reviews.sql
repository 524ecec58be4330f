{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

{{ base('quality', 'rca_reviews') }}
