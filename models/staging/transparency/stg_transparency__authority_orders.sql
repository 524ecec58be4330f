{{ config(materialized='landed') }}

{{ landed('transparency', 'authority_orders') }}
