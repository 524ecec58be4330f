-- depends_on: {{ ref('root_causes') }}
{{ staged('workforce', 'coaching_sessions') }}
