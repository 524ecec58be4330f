-- depends_on: {{ ref('policies') }}
-- depends_on: {{ ref('queues') }}
{{ staged('quality', 'calibration_ratings') }}
