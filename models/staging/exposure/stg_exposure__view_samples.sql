-- depends_on: {{ ref('markets') }}
-- depends_on: {{ ref('policies') }}
{{ staged('exposure', 'view_samples') }}
