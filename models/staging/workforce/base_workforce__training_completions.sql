{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('workforce', 'training_completions') }}
