{{ config(materialized='landed') }}

{{ landed('transparency', 'statements_of_reasons') }}
