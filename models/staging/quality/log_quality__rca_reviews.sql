{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('quality', 'rca_reviews') }}
