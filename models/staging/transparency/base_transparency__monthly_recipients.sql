{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('transparency', 'monthly_recipients') }}
