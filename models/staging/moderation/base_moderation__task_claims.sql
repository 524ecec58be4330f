{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('moderation', 'task_claims') }}
