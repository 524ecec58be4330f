{{ config(materialized='landed') }}

{{ landed('support', 'survey_responses') }}
