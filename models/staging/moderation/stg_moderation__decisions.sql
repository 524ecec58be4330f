{{ staged('moderation', 'decisions') }}
