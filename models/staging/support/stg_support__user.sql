{{ config(materialized='landed') }}

{{ landed('support', 'user') }}
