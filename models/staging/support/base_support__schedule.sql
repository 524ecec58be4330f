{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('support', 'schedule') }}
