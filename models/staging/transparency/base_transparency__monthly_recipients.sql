{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}

{{ base('transparency', 'monthly_recipients') }}
