{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

{{ version_log('support', 'ticket_comment', carry=['ticket_id']) }}
