{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('workforce', 'training_completions') }}
