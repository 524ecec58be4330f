{{ config(materialized='incremental', incremental_strategy='append') }}

{{ base('quality', 'scorecard_ratings') }}
