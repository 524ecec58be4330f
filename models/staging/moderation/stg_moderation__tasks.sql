{{ staged('moderation', 'tasks') }}
