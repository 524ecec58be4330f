{{ config(materialized='landed') }}

{{ landed('quality', 'scorecard_ratings') }}
