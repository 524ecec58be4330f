{{ config(materialized='incremental', incremental_strategy='append') }}

{{ version_log('quality', 'calibration_ratings') }}
