{{ staged('support', 'schedule') }}
