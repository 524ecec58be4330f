{{ config(materialized='landed') }}

{{ landed('support', 'group') }}
