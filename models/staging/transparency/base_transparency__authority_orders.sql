{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('transparency', 'authority_orders') }}
