{{ config(materialized='landed') }}

{{ landed('support', 'ticket') }}
