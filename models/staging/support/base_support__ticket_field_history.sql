{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('support', 'ticket_field_history') }}
