{{ config(materialized='landed') }}

{{ landed('actions', 'insight_requests') }}
