{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('support', 'ticket_comment', carry=['ticket_id']) }}
