{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('moderation', 'decisions') }}
