{{ staged('support', 'user') }}
