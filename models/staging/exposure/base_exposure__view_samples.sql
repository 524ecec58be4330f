{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('exposure', 'view_samples') }}
