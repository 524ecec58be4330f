{{ config(materialized='landed') }}

{{ landed('support', 'satisfaction_rating') }}
