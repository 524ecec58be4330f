{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('workforce', 'coaching_sessions') }}
