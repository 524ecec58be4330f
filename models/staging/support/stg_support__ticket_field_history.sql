{{ config(materialized='landed') }}

{{ landed('support', 'ticket_field_history') }}
