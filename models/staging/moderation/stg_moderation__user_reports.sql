-- depends_on: {{ ref('markets') }}
{{ staged('moderation', 'user_reports') }}
