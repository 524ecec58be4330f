{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('transparency', 'statements_of_reasons') }}
