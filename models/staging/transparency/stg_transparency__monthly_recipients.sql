{{ config(materialized='landed') }}

{{ landed('transparency', 'monthly_recipients') }}
