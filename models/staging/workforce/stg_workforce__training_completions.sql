{{ config(materialized='landed') }}

{{ landed('workforce', 'training_completions') }}
