{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('actions', 'management_actions') }}
