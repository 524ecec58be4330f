{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('support', 'ticket_links') }}
