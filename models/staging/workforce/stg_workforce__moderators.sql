-- depends_on: {{ ref('sites') }}
-- depends_on: {{ ref('vendors') }}
{{ staged('workforce', 'moderators') }}
