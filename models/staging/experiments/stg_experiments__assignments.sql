{{ config(materialized='landed') }}

{{ landed('experiments', 'assignments') }}
