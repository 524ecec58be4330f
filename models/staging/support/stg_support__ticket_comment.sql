{{ config(materialized='landed', meta={'carry': ['ticket_id']}) }}

{{ landed('support', 'ticket_comment') }}
