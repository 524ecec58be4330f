{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('appeals', 'appeals') }}
