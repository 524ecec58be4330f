{{ staged('moderation', 'task_claims') }}
