{{ config(materialized='landed') }}

{{ landed('workforce', 'activity') }}
