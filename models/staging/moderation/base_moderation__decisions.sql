{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base_model('moderation', 'decisions') }}
