{{ config(materialized='landed') }}

{{ landed('quality', 'audit_frames') }}
