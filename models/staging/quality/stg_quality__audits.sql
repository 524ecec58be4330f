-- depends_on: {{ ref('root_causes') }}
{{ staged('quality', 'audits') }}
