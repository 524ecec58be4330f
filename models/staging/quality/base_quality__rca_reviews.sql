{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('quality', 'rca_reviews') }}
