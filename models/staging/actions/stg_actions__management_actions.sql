{{ config(materialized='landed') }}

-- depends_on: {{ ref('languages') }}
-- depends_on: {{ ref('markets') }}
-- depends_on: {{ ref('policies') }}
-- depends_on: {{ ref('queues') }}
-- depends_on: {{ ref('root_causes') }}
-- depends_on: {{ ref('sites') }}
-- depends_on: {{ ref('vendors') }}
{{ landed('actions', 'management_actions') }}
