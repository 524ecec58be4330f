{{ config(materialized='landed') }}

{{ landed('support', 'schedule_holiday') }}
