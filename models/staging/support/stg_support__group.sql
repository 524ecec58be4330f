{{ staged('support', 'group') }}
