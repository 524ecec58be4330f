{{ config(materialized='landed') }}

{{ landed('support', 'schedule') }}
