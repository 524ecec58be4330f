{{ staged('moderation', 'queue_configurations') }}
