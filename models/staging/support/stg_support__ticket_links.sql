{{ config(materialized='landed') }}

{{ landed('support', 'ticket_links') }}
