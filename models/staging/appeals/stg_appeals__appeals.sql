{{ config(materialized='landed') }}

{{ landed('appeals', 'appeals') }}
