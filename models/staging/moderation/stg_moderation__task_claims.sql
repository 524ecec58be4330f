{{ config(materialized='landed') }}

{{ landed('moderation', 'task_claims') }}
