{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('experiments', 'assignments') }}
