{{ staged('moderation', 'user_reports') }}
